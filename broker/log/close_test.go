package log_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/log"
)

// A slow appender says that it was asked, and answers when it is told to.
type slow struct{ asked, goOn chan struct{} }

func (s slow) Append(context.Context, string, cairn.Revision, ...cairn.Event) (cairn.Receipt, error) {
	close(s.asked)
	<-s.goOn
	return cairn.Receipt{}, nil
}

// TestClose: whoever closes waits for what is being published, as long as his
// context lets him; whoever publishes then does not wait with him.
func TestClose(t *testing.T) {
	s := slow{make(chan struct{}), make(chan struct{})}
	p := log.NewPublisher(s, log.PublisherOptions{})
	published, late := make(chan error, 1), make(chan error, 1)
	go func() { published <- p.Publish(t.Context(), message("a", "")) }()
	<-s.asked
	why := errors.New("no time")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if err := p.Close(ctx); err != why {
		t.Error("closed without time:", err)
	}
	go func() { late <- p.Publish(t.Context(), message("b", "")) }()
	select {
	case err := <-late:
		if !errors.Is(err, broker.ErrClosed) {
			t.Error("published while closing:", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("a closed publisher does not say so while another call goes on")
	}
	close(s.goOn)
	if err := errors.Join(<-published, p.Close(t.Context())); err != nil {
		t.Error(err)
	}
}

// TestLetter: a sink is given what arrived, to keep.
func TestLetter(t *testing.T) {
	store := open(t)
	e := cairn.Event{Type: "t", Data: []byte("data"), Metadata: []byte(`{"key":"7","ce-id":"1"}`)}
	if _, err := store.Append(t.Context(), topic+"-7", cairn.Any, e); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var letters []broker.Letter
	sink := func(_ context.Context, l broker.Letter) error {
		letters = append(letters, l)
		if len(letters) < 2 {
			l.Body[0] = 'X' // it is the sink's
			return errors.New("full")
		}
		stop()
		return nil
	}
	err := subscriber(t, store, log.SubscriberOptions{Topic: topic, Sink: sink}).Subscribe(ctx, func(context.Context, broker.Delivery) error { return nil })
	if !errors.Is(err, context.Canceled) || len(letters) != 2 {
		t.Fatal(letters, err)
	}
	l := letters[1]
	if l.Topic != topic || l.Key != "7" || l.Header["ce-id"] != "1" || string(l.Body) != "data" || !errors.Is(l.Err, broker.ErrUndecodable) {
		t.Errorf("%+v", l)
	}
}
