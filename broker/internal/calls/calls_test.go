package calls_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/calls"
)

func TestCloseWaitsForThoseInside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c calls.Calls
		if err := c.Enter(); err != nil {
			t.Fatal(err)
		}
		left := false
		go func() {
			synctest.Wait() // until Close is waiting
			left = true
			c.Leave()
		}()
		if first, err := c.Close(t.Context()); !first || err != nil || !left {
			t.Error(first, err, left)
		}
		if first, err := c.Close(t.Context()); first || err != nil {
			t.Error(first, err)
		}
		if err := c.Enter(); !errors.Is(err, broker.ErrClosed) {
			t.Error(err)
		}
	})
}

func TestCloseDoesNotWaitForever(t *testing.T) {
	var c calls.Calls
	if err := c.Enter(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("out of patience")
	cancel(why)
	if first, err := c.Close(ctx); !first || err != why {
		t.Error(first, err)
	}
	c.Leave()
	if first, err := c.Close(t.Context()); first || err != nil {
		t.Error(first, err)
	}
}

func TestCloseWaitsForWhatOutlastsItsCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c calls.Calls
		if err := c.Enter(); err != nil {
			t.Fatal(err)
		}
		done := false
		c.Go(func() {
			synctest.Wait() // until Close is waiting
			done = true
		})
		c.Leave()
		if first, err := c.Close(t.Context()); !first || err != nil || !done {
			t.Error(first, err, done)
		}
	})
}
