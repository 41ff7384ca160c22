package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
)

// The events of an order, and what others make of them.
const (
	typePlaced  = "order.placed"  // begins a round
	typeChanged = "order.changed" // and so on
	typePaid    = "order.paid"    // ends a round, if it is paid
	typeLine    = "statement.line"
	typeEntry   = "entry.noted"
)

// A step says which event of which order something is about.
type step struct {
	Key int `json:"key"`
	Seq int `json:"seq"`
}

func order(key int) string     { return fmt.Sprintf("order-%07d", key) }
func statement(key int) string { return fmt.Sprintf("statement-%07d", key) }
func entry(key int) string     { return fmt.Sprintf("entry-%07d", key) }

// keyOf is the key at the end of a stream's name.
func keyOf(stream string) (int, error) {
	return strconv.Atoi(stream[strings.LastIndexByte(stream, '-')+1:])
}

// event makes one that is about a step.
func event(kind string, s step) cairn.Event {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err) // two numbers always are JSON
	}
	return cairn.Event{ID: cairn.NewID(), Type: kind, Data: data}
}

// happens is an event of an order.
func (p *plan) happens(s step) cairn.Event {
	switch {
	case s.Seq%round == 0:
		return event(typePlaced, s)
	case s.Seq%round == round-1 && p.paid(s.Key, s.Seq/round):
		return event(typePaid, s)
	}
	return event(typeChanged, s)
}

func stepOf(data []byte) (s step, err error) {
	err = json.Unmarshal(data, &s)
	return s, err
}

// happened is the integration event: others are told of every step.
var happened = broker.EventType[step]{Name: "com.example.order.step.v1", Topic: "orders", Description: "Something has happened to an order."}

// tell is the mapping.
func tell(e cairn.Recorded) ([]broker.Draft, error) {
	if cairn.Category(e.Stream) != "order" {
		return nil, broker.ErrUnmapped
	}
	s, err := stepOf(e.Data)
	if err != nil {
		return nil, err
	}
	return []broker.Draft{happened.Draft(s)}, nil
}
