package lane_test

import (
	"context"
	"errors"
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/lane"
)

// readable is the smallest arrival that is a message.
var readable = lane.Arrival{Message: broker.Message{Event: cloudevents.New()}}

func TestTheSinkDecidesAboutWhatIsRejected(t *testing.T) {
	rejects := func(context.Context, broker.Delivery) error { return broker.ErrRejected }
	never := func(context.Context, broker.Delivery) error {
		t.Error("what could not be read was handled")
		return nil
	}
	takes := func(_ context.Context, l broker.Letter) error {
		if !errors.Is(l.Err, broker.ErrRejected) {
			t.Errorf("the letter says %v", l.Err)
		}
		return nil
	}
	refuses := func(context.Context, broker.Letter) error { return broker.ErrRejected }
	unreadable := lane.Arrival{Letter: broker.Letter{Err: broker.ErrUndecodable}}
	for name, c := range map[string]struct {
		arrival  lane.Arrival
		handle   func(context.Context, broker.Delivery) error
		sink     broker.Sink
		rejected bool
		failed   bool
	}{
		"taken":                {readable, rejects, takes, false, false},
		"taken, unreadable":    {unreadable, never, takes, false, false},
		"no sink":              {readable, rejects, nil, true, true},
		"no sink, unreadable":  {unreadable, never, nil, true, true},
		"a sink that does not": {readable, rejects, refuses, false, true},
	} {
		err := c.arrival.Handle(t.Context(), 1, c.handle, c.sink)
		if (err != nil) != c.failed || errors.Is(err, broker.ErrRejected) != c.rejected {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAttemptsOfTheBrokerCount(t *testing.T) {
	a := readable
	a.Before = 3
	err := a.Handle(t.Context(), 2, func(_ context.Context, d broker.Delivery) error {
		if d.Attempt != 5 {
			t.Errorf("attempt %d, want 5", d.Attempt)
		}
		d.Event.SetID("changed")
		return nil
	}, nil)
	if err != nil {
		t.Error(err)
	}
}
