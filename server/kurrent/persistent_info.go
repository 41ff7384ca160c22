package kurrent

import (
	"context"

	pb "github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/persistent"

	"github.com/cairndb/cairn/server/kurrent/persistent"
)

// GetInfo implements the call of that name.
func (s *persistentServer) GetInfo(ctx context.Context, req *pb.GetInfoReq) (*pb.GetInfoResp, error) {
	info, err := s.persistentInfo(ctx, req.GetOptions())
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	return &pb.GetInfoResp{SubscriptionInfo: infoMessage(&info)}, nil
}

func (s *persistentServer) persistentInfo(ctx context.Context, o *pb.GetInfoReq_Options) (info persistent.Info, err error) {
	if err := s.access.CheckRole(ctx); err != nil {
		return info, err
	}
	k, err := keyOf(o)
	if err != nil {
		return info, err
	}
	sub, err := s.subscriptions.Get(ctx, k)
	if err != nil {
		return info, err
	}
	return sub.Info(ctx)
}

// List implements the call of that name.
func (s *persistentServer) List(ctx context.Context, req *pb.ListReq) (*pb.ListResp, error) {
	all, err := s.persistentInfos(ctx, req.GetOptions())
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	r := &pb.ListResp{}
	for i := range all {
		r.Subscriptions = append(r.Subscriptions, infoMessage(&all[i]))
	}
	return r, nil
}

func (s *persistentServer) persistentInfos(ctx context.Context, o *pb.ListReq_Options) ([]persistent.Info, error) {
	if err := s.access.CheckRole(ctx); err != nil {
		return nil, err
	}
	stream := ""
	if to := o.GetListForStream(); to != nil {
		if stream = string(to.GetStream().GetStreamName()); to.GetAll() != nil {
			stream = allStream
		}
		if stream == "" {
			return nil, invalidArgument("a stream or the log is required")
		}
	}
	return s.infosOf(ctx, stream)
}

// infosOf describes the subscriptions to a stream; all if it is empty.
func (s *Service) infosOf(ctx context.Context, stream string) ([]persistent.Info, error) {
	subs, err := s.subscriptions.List(ctx, stream)
	if err != nil {
		return nil, err
	}
	all := make([]persistent.Info, 0, len(subs))
	for _, sub := range subs {
		info, err := sub.Info(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, info)
	}
	return all, nil
}

// infoMessage is a description as the protocol has it.
func infoMessage(i *persistent.Info) *pb.SubscriptionInfo {
	m := &pb.SubscriptionInfo{
		EventSource: i.Stream, GroupName: i.Group, Status: i.Status,
		AveragePerSecond: int32(i.Measured.PerSecond), TotalItems: i.Measured.Total, CountSinceLastMeasurement: i.Measured.SinceLast,
		LastCheckpointedEventPosition: i.Checkpoint, LastKnownEventPosition: i.Known,
		ResolveLinkTos: i.ResolveLinks, StartFrom: i.StartFrom(), ExtraStatistics: i.ExtraStatistics,
		MessageTimeoutMilliseconds: int32(i.MessageTimeout.Milliseconds()), MaxRetryCount: int32(i.MaxRetryCount),
		LiveBufferSize: int32(i.LiveBufferSize), BufferSize: int32(i.HistoryBufferSize), ReadBatchSize: int32(i.ReadBatchSize),
		CheckPointAfterMilliseconds: int32(i.CheckpointAfter.Milliseconds()),
		MinCheckPointCount:          int32(i.MinCheckpointCount), MaxCheckPointCount: int32(i.MaxCheckpointCount),
		ReadBufferCount: int32(i.Fresh), LiveBufferCount: int64(i.Live), RetryBufferCount: int32(i.Retries),
		TotalInFlightMessages: int32(i.InFlight), OutstandingMessagesCount: int32(i.InFlight),
		NamedConsumerStrategy: i.Strategy, MaxSubscriberCount: int32(i.MaxSubscriberCount), ParkedMessageCount: i.Parked,
	}
	for _, c := range i.Consumers {
		m.Connections = append(m.Connections, connectionMessage(&c))
	}
	return m
}

func connectionMessage(c *persistent.ConsumerInfo) *pb.SubscriptionInfo_ConnectionInfo {
	m := &pb.SubscriptionInfo_ConnectionInfo{
		From: c.From, Username: c.User, ConnectionName: c.Connection,
		AverageItemsPerSecond: int32(c.Measured.PerSecond), TotalItems: c.Measured.Total, CountSinceLastMeasurement: c.Measured.SinceLast,
		AvailableSlots: int32(c.Buffer - c.InFlight), InFlightMessages: int32(c.InFlight),
	}
	for _, f := range c.Measurements {
		m.ObservedMeasurements = append(m.ObservedMeasurements, &pb.SubscriptionInfo_Measurement{Key: f.Key, Value: f.Value})
	}
	return m
}
