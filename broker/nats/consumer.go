package nats

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// group is the one priority group of an exclusive consumer.
const group = "cairn"

// Of an exclusive consumer a new subscriber is chosen when the old one has not
// asked for messages for so long. It asks anew at least so often.
const (
	asksEvery  = 5 * time.Second
	takenAfter = 15 * time.Second
)

// consumer finds or makes the durable consumer.
func (x *session) consumer(ctx context.Context) (jetstream.Consumer, error) {
	o, stream := x.o, x.o.Stream
	if stream == "" {
		var err error
		if stream, err = x.js.StreamNameBySubject(ctx, o.Subjects[0]); err != nil {
			return nil, fmt.Errorf("nats: no stream for subject %q: %w", o.Subjects[0], err)
		}
	}
	var c jetstream.Consumer
	var err error
	if o.Existing {
		c, err = x.js.Consumer(ctx, stream, o.Durable)
	} else {
		c, err = x.js.CreateOrUpdateConsumer(ctx, stream, o.config())
	}
	if err != nil {
		return nil, fmt.Errorf("nats: consumer %q of stream %q: %w", o.Durable, stream, err)
	}
	switch is := c.CachedInfo().Config; {
	case is.AckPolicy != jetstream.AckExplicitPolicy:
		return nil, &InvalidError{Field: "Durable", Reason: fmt.Sprintf("is of a consumer whose ack policy is %q and not explicit", is.AckPolicy)}
	case o.Exclusive && is.PriorityPolicy != jetstream.PriorityPolicyPinned:
		return nil, &InvalidError{Field: "Exclusive", Reason: "needs a consumer that pins its clients, and a server of version 2.11"}
	}
	return c, nil
}

// config is what a consumer must be like. The server does not give up a message
// by itself: it would do so in silence.
func (o *SubscriberOptions) config() jetstream.ConsumerConfig {
	c := jetstream.ConsumerConfig{
		Durable: o.Durable, AckPolicy: jetstream.AckExplicitPolicy, DeliverPolicy: jetstream.DeliverAllPolicy,
		AckWait: o.AckWait, MaxAckPending: o.Window, MaxDeliver: -1,
	}
	if len(o.Subjects) == 1 {
		c.FilterSubject = o.Subjects[0]
	} else {
		c.FilterSubjects = o.Subjects
	}
	if o.Exclusive {
		c.PriorityPolicy, c.PriorityGroups, c.PinnedTTL = jetstream.PriorityPolicyPinned, []string{group}, takenAfter
	}
	return c
}

// pulls are the options of receiving: as many at once as may be unacknowledged,
// because the server keeps to that limit.
func (o *SubscriberOptions) pulls() []jetstream.PullMessagesOpt {
	all := []jetstream.PullMessagesOpt{jetstream.PullMaxMessages(o.Window)}
	if o.Exclusive {
		all = append(all, jetstream.PullPriorityGroup(group), jetstream.PullExpiry(asksEvery))
	}
	return all
}

// unpin has the server choose another subscriber at once, if it has chosen us.
func (x *session) unpin(c jetstream.Consumer) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	i, err := c.Info(ctx)
	if err != nil || len(i.PriorityGroups) == 0 || i.PriorityGroups[0].PinnedClientID != x.pin {
		return
	}
	if s, err := x.js.Stream(ctx, i.Stream); err == nil {
		_ = s.UnpinConsumer(ctx, i.Name, group) // or it finds out by itself
	}
}

// final returns the error that ends a subscription, or nil if it is worth another
// connection.
func final(conn *link, err error) error {
	api, refused := errors.AsType[*jetstream.APIError](err)
	_, invalid := errors.AsType[*InvalidError](err)
	switch {
	case err == nil:
		return nil
	case invalid:
		return err
	case conn.IsClosed():
		return fmt.Errorf("nats: the connection was closed for good: %w", errors.Join(conn.why(), err))
	case !conn.IsConnected() && hintOf(conn.why()) != "" && conn.Stats().Reconnects == 0:
		return fmt.Errorf("nats: %w; %s", conn.why(), hintOf(conn.why()))
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return fmt.Errorf("%w; create the stream first", err)
	case errors.Is(err, jetstream.ErrConsumerDeleted):
		return nil // it is made again
	case refused && api.Code >= 400 && api.Code < 500:
		return err
	}
	return nil
}
