package kurrent

import (
	"context"
	"errors"
	"io"
	"net"

	pb "github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/persistent"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/kurrent/persistent"
)

// Read implements the call of that name: a consumer of a subscription, who answers
// for what is sent.
func (s *persistentServer) Read(call pb.PersistentSubscriptions_ReadServer) error {
	return s.fail(call.Context(), s.read(call))
}

func (s *persistentServer) read(call pb.PersistentSubscriptions_ReadServer) error {
	first, err := call.Recv()
	if err != nil {
		return err
	}
	o := first.GetOptions()
	if o == nil || o.GetUuidOption().GetContent() == nil {
		return invalidArgument("options, with a UUID option, are required first")
	}
	k, err := keyOf(o)
	if err != nil {
		return err
	}
	if err := s.mayConsume(call.Context(), k); err != nil {
		return err
	}
	ctx, done, err := s.lasting(call.Context())
	if err != nil {
		return err
	}
	defer done()
	ctx, stop := s.watchAccess(ctx, k.Stream)
	defer stop()
	sub, err := s.subscriptions.Get(ctx, k)
	if err != nil {
		return err
	}
	c, err := sub.Connect(ctx, clientOf(ctx, int(o.GetBufferSize())))
	if err != nil {
		return err
	}
	defer c.Close()
	_, text := o.GetUuidOption().GetContent().(*pb.ReadReq_Options_UUIDOption_String_)
	return s.consume(ctx, call, c, &sender{stream: call, text: text}, k)
}

// mayConsume checks that the caller is known and may read the stream.
func (s *Service) mayConsume(ctx context.Context, k persistent.Key) error {
	if err := s.access.CheckRole(ctx); err != nil {
		return err
	}
	return s.mayRead(ctx, k.Stream)
}

// errGone ends a call whose client has said that nothing more will come.
var errGone = errors.New("the consumer has gone")

// consume confirms, sends what comes for the consumer and takes its answers. What
// takes them ends with the call, that is after this has returned, and the service
// waits for it.
func (s *persistentServer) consume(ctx context.Context, call pb.PersistentSubscriptions_ReadServer, c *persistent.Consumer, out *sender, k persistent.Key) error {
	confirmation := &pb.ReadResp_SubscriptionConfirmation{SubscriptionId: k.String()}
	if err := call.Send(&pb.ReadResp{Content: &pb.ReadResp_SubscriptionConfirmation_{SubscriptionConfirmation: confirmation}}); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s.calls.Go(func() { cancel(answers(call, c)) })
	for {
		d, err := c.Next(ctx)
		if errors.Is(err, errGone) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.deliver(ctx, out, &d); err != nil {
			return err
		}
	}
}

// deliver sends an event, and of a link what the caller may see of what it leads
// to.
func (s *persistentServer) deliver(ctx context.Context, out *sender, d *persistent.Delivery) error {
	if !d.Link {
		return out.delivery(&d.Recorded, nil, d.Position, d.Retries)
	}
	target := d.Target
	if target != nil {
		err := s.mayRead(ctx, target.Stream)
		if errors.Is(err, access.ErrDenied) {
			target, err = nil, nil
		}
		if err != nil {
			return err
		}
	}
	return out.delivery(target, &d.Recorded, d.Position, d.Retries)
}

// actions are those of the protocol.
var actions = map[pb.ReadReq_Nack_Action]persistent.Action{
	pb.ReadReq_Nack_Park: persistent.Park, pb.ReadReq_Nack_Retry: persistent.Retry,
	pb.ReadReq_Nack_Skip: persistent.Skip, pb.ReadReq_Nack_Stop: persistent.Stop,
}

// answers takes what a consumer answers until it says no more.
func answers(call pb.PersistentSubscriptions_ReadServer, c *persistent.Consumer) error {
	for {
		m, err := call.Recv()
		if err == io.EOF {
			return errGone
		}
		if err != nil {
			return err
		}
		switch m := m.GetContent().(type) {
		case *pb.ReadReq_Ack_:
			c.Ack(idsOf(m.Ack.GetIds())...)
		case *pb.ReadReq_Nack_:
			c.Nack(actions[m.Nack.GetAction()], m.Nack.GetReason(), idsOf(m.Nack.GetIds())...)
		default:
			return invalidArgument("a consumer acknowledges or does not, and nothing else")
		}
	}
}

// clientOf says who calls.
func clientOf(ctx context.Context, buffer int) persistent.Client {
	c := persistent.Client{User: "anonymous", Connection: "<unknown>", Buffer: buffer}
	if p := access.From(ctx); !p.Anonymous() {
		c.User = p.Name
	}
	if names := metadata.ValueFromIncomingContext(ctx, "connection-name"); len(names) > 0 && names[0] != "" {
		c.Connection = names[0]
	}
	if p, ok := peer.FromContext(ctx); ok {
		c.From = addressOf(p.Addr)
	}
	return c
}

func addressOf(a net.Addr) string {
	if a == nil {
		return ""
	}
	return a.String()
}
