package broker_test

import (
	"context"
	"errors"
	"testing"

	"github.com/cairndb/cairn/broker"
)

func TestAFullMemoryIsUnavailable(t *testing.T) {
	m := broker.NewMemory(broker.MemoryOptions{Capacity: 1})
	p := m.Publisher()
	message := arrived("a", "", "").Message
	if err := p.Publish(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	err := p.Publish(t.Context(), message)
	if what, ok := errors.AsType[*broker.PublishError](err); !ok || !errors.Is(err, broker.ErrUnavailable) || what.Broker != "memory" || what.ID != "7" {
		t.Error(err)
	}
	m.Drain()
	if err := p.Publish(t.Context(), message); err != nil || len(m.Messages("orders")) != 1 {
		t.Error(err)
	}
}

func TestLettersWithoutASinkAreKept(t *testing.T) {
	m := broker.NewMemory(broker.MemoryOptions{})
	m.Post("orders", map[string]string{"a": "b"}, []byte("what?"))
	ctx, cancel := context.WithCancel(t.Context())
	if err := m.Publisher().Publish(ctx, arrived("a", "", "{}").Message); err != nil {
		t.Fatal(err)
	}
	err := m.Subscriber("orders", broker.MemorySubscription{}).Subscribe(ctx, func(context.Context, broker.Delivery) error {
		cancel()
		return broker.ErrRejected
	})
	letters := m.Letters()
	if !errors.Is(err, context.Canceled) || len(letters) != 2 {
		t.Fatal(letters, err)
	}
	equal(t, "unreadable", string(letters[0].Body)+" "+letters[0].Header["a"], "what? b")
	equal(t, "rejected", letters[1].Err, broker.ErrRejected)
	if len(m.Messages("orders")) != 1 {
		t.Error("what is not a message is listed as one")
	}
}
