package broker_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/codec"
)

// The shop is a service whose orders others hear of.

type event interface{ order() }

type placed struct {
	Total    int    `json:"total"`
	Customer string `json:"customer"`
}
type cancelled struct {
	Why string `json:"why"`
}
type moved struct{}

func (placed) order()    {}
func (cancelled) order() {}
func (moved) order()     {}

var events = codec.JSON(codec.Types[event]{"order.placed": placed{}, "order.cancelled": cancelled{}, "order.moved": moved{}},
	codec.Upcast("order.broken", func(struct{}) (placed, error) { return placed{}, errors.New("nobody can read this") }))

type placedV1 struct {
	Order string `json:"order"`
	Total int    `json:"total"`
}
type cancelledV1 struct {
	Order string `json:"order"`
}

var (
	orderPlaced    = broker.EventType[placedV1]{Name: "com.example.order.placed.v1", Topic: "orders", Description: "A customer has placed an order."}
	orderCancelled = broker.EventType[cancelledV1]{Name: "com.example.order.cancelled.v1", Topic: "orders"}
)

// typed maps an order that is cancelled to two events.
var typed = broker.Typed(events, func(e event, r cairn.Recorded) ([]broker.Draft, error) {
	switch e := e.(type) {
	case placed:
		return []broker.Draft{orderPlaced.Draft(placedV1{Order: r.Stream, Total: e.Total})}, nil
	case cancelled:
		return []broker.Draft{
			orderCancelled.Draft(cancelledV1{Order: r.Stream}),
			orderPlaced.Draft(placedV1{Order: r.Stream}),
		}, nil
	}
	return nil, broker.ErrUnmapped
})

func shop(t testing.TB) *broker.Contract {
	t.Helper()
	c, err := broker.NewContract("https://shop.example.com/orders", orderPlaced, orderCancelled)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}
