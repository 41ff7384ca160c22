package kurrent

import (
	"cmp"
	"math"
	"time"

	pb "github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/persistent"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/kurrent/persistent"
)

// toStream names what a call is about, if it is a stream.
type toStream interface {
	GetStreamIdentifier() *shared.StreamIdentifier
}

// toAny does so where it may also be the log.
type toAny interface {
	toStream
	GetAll() *shared.Empty
	GetGroupName() string
}

// keyOf is the subscription that a call is about.
func keyOf(o toAny) (persistent.Key, error) {
	if o.GetAll() != nil {
		return persistent.Key{Stream: allStream, Group: o.GetGroupName()}, nil
	}
	k := persistent.Key{Stream: string(o.GetStreamIdentifier().GetStreamName()), Group: o.GetGroupName()}
	if k.Stream == "" {
		return k, invalidArgument("a stream or the log is required")
	}
	return k, nil
}

// A change is what is asked of a subscription by Create and Update, which have the
// same fields under different types.
type change struct {
	key      persistent.Key
	settings persistent.Settings
}

// settings are those fields.
type settings interface {
	GetResolveLinks() bool
	GetRevision() uint64
	GetExtraStatistics() bool
	GetMaxRetryCount() int32
	GetMinCheckpointCount() int32
	GetMaxCheckpointCount() int32
	GetMaxSubscriberCount() int32
	GetLiveBufferSize() int32
	GetReadBatchSize() int32
	GetHistoryBufferSize() int32
	GetMessageTimeoutMs() int32
	GetMessageTimeoutTicks() int64
	GetCheckpointAfterMs() int32
	GetCheckpointAfterTicks() int64
}

func parseSettings(s settings, strategy string) persistent.Settings {
	return persistent.Settings{
		ResolveLinks: s.GetResolveLinks(), ExtraStatistics: s.GetExtraStatistics(),
		MessageTimeout:  lengthOf(s.GetMessageTimeoutMs(), s.GetMessageTimeoutTicks()),
		CheckpointAfter: lengthOf(s.GetCheckpointAfterMs(), s.GetCheckpointAfterTicks()),
		MaxRetryCount:   int(s.GetMaxRetryCount()), MaxSubscriberCount: int(s.GetMaxSubscriberCount()),
		MinCheckpointCount: int(s.GetMinCheckpointCount()), MaxCheckpointCount: int(s.GetMaxCheckpointCount()),
		LiveBufferSize: int(s.GetLiveBufferSize()), ReadBatchSize: int(s.GetReadBatchSize()),
		HistoryBufferSize: int(s.GetHistoryBufferSize()), Strategy: strategy,
	}
}

// lengthOf is a time in milliseconds or in ticks, of which there are 10,000 in one.
func lengthOf(ms int32, ticks int64) time.Duration {
	n := int64(ms)
	if n == 0 {
		n = min(ticks/10_000, math.MaxInt32)
		if ticks < 0 {
			n = -1
		}
	}
	return time.Duration(n) * time.Millisecond
}

// at is the place that a number on the wire means, or one that is refused; the
// greatest number is the end.
func at(n uint64) persistent.Place {
	return persistent.Place(n) // numbers that no place has become negative
}

func startAtRevision(n uint64) persistent.Start {
	return persistent.Start{End: n == math.MaxUint64, At: at(n)}
}

// fromRevision says where to start in a stream; at the beginning if it does not.
type fromRevision interface {
	GetRevision() uint64
	GetEnd() *shared.Empty
}

func startInStream(o fromRevision) persistent.Start {
	if o.GetEnd() != nil {
		return persistent.Start{End: true}
	}
	return startAtRevision(o.GetRevision())
}

// position is one in the log.
type position interface {
	GetCommitPosition() uint64
	GetPreparePosition() uint64
}

func startInLog(end *shared.Empty, p position) persistent.Start {
	commit, prepare := p.GetCommitPosition(), p.GetPreparePosition()
	if end != nil || commit == math.MaxUint64 && prepare == math.MaxUint64 {
		return persistent.Start{End: true}
	}
	return persistent.Start{At: at(commit), Prepare: at(prepare)}
}

// startAsOfOld is where clients start that know streams only.
func startAsOfOld(s settings) persistent.Start { return startAtRevision(s.GetRevision()) }

// strategyAsOfOld is what clients call a strategy that know three.
func strategyAsOfOld(s interface {
	GetNamedConsumerStrategy() pb.CreateReq_ConsumerStrategy
}) string {
	return s.GetNamedConsumerStrategy().String()
}

// parseCreate reads a request.
func parseCreate(o *pb.CreateReq_Options) (c change, err error) {
	s := o.GetSettings()
	c.settings = parseSettings(s, cmp.Or(s.GetConsumerStrategy(), strategyAsOfOld(s)))
	c.key.Group = o.GetGroupName()
	switch to := o.GetStreamOption().(type) {
	case *pb.CreateReq_Options_Stream:
		err = c.toStream(to.Stream)
		c.settings.Start = startInStream(to.Stream)
	case *pb.CreateReq_Options_All:
		c.key.Stream = allStream
		c.settings.Start = startInLog(to.All.GetEnd(), to.All.GetPosition())
		c.settings.Filter, err = parsePersistentFilter(to.All.GetFilter())
	default:
		err = c.toStream(o)
		c.settings.Start = startAsOfOld(s)
	}
	return c, err
}

// parseUpdate reads a request.
func parseUpdate(o *pb.UpdateReq_Options) (c change, err error) {
	s := o.GetSettings()
	c.settings = parseSettings(s, s.GetNamedConsumerStrategy().String())
	c.key.Group = o.GetGroupName()
	switch to := o.GetStreamOption().(type) {
	case *pb.UpdateReq_Options_Stream:
		err = c.toStream(to.Stream)
		c.settings.Start = startInStream(to.Stream)
	case *pb.UpdateReq_Options_All:
		c.key.Stream = allStream
		c.settings.Start = startInLog(to.All.GetEnd(), to.All.GetPosition())
	default:
		err = c.toStream(o)
		c.settings.Start = startAsOfOld(s)
	}
	return c, err
}

// toStream notes the stream, which must not be the log.
func (c *change) toStream(o toStream) error {
	if c.key.Stream = string(o.GetStreamIdentifier().GetStreamName()); c.key.Stream == allStream {
		return &persistent.FailedError{Key: c.key, Reason: "the log is not subscribed to as a stream"}
	}
	return nil
}

// parsePersistentFilter reads a filter; nil stays nil.
func parsePersistentFilter(o *pb.CreateReq_AllOptions_FilterOptions) (*persistent.Filter, error) {
	if o == nil {
		return nil, nil
	}
	e, byType := o.GetStreamIdentifier(), false
	if e == nil {
		e, byType = o.GetEventType(), true
	}
	if e == nil {
		return nil, invalidArgument("a filter is by stream identifier or by event type")
	}
	return &persistent.Filter{ByType: byType, Regex: e.GetRegex(), Prefixes: e.GetPrefix()}, nil
}

// idsOf reads what a consumer answers for. What is no ID is that of no event.
func idsOf(all []*shared.UUID) []cairn.ID {
	ids := make([]cairn.ID, 0, len(all))
	for _, u := range all {
		if s := u.GetStructured(); s != nil {
			ids = append(ids, idOfHalves(s.GetMostSignificantBits(), s.GetLeastSignificantBits()))
		} else if id, err := cairn.ParseID(u.GetString_()); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}
