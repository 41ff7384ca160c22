package storetest

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/cairndb/cairn"
)

// NewReference makes the simplest store that keeps the contract of
// [cairn.Store], but for durability: everything is in memory under one mutex,
// and gone when it is closed. It is what the kit compares other stores with,
// and will do where a test needs a store and nothing about it matters.
//
// It remembers every ID for appends that expect Any, where other engines
// remember the latest.
func NewReference() cairn.Store {
	return &reference{
		id:      cairn.NewID(),
		changed: make(chan struct{}),
		streams: map[string][]cairn.Position{},
		keys:    map[string]cairn.BatchReceipt{},
		known:   map[identity]cairn.Position{},
	}
}

type reference struct {
	id cairn.ID

	mu      sync.Mutex // never held while a caller's code runs
	closed  bool
	changed chan struct{}    // closed, and replaced, when anything changes
	log     []cairn.Recorded // the event at position p is log[p-1]
	clock   time.Time        // the last time given to an event

	streams map[string][]cairn.Position   // the event at revision n is streams[s][n]; a tombstone comes last
	keys    map[string]cairn.BatchReceipt // answers given, by batch key
	known   map[identity]cairn.Position   // where a caller's ID was first stored
}

// An identity is an event ID in the stream it was appended to.
type identity struct {
	stream string
	id     cairn.ID
}

func (r *reference) head() cairn.Position { return cairn.Position(len(r.log)) }

func (r *reference) at(p cairn.Position) *cairn.Recorded { return &r.log[p-1] }

// ready says whether a call may go on.
func (r *reference) ready(ctx context.Context) error {
	if r.closed {
		return cairn.ErrClosed
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// announce wakes everybody who waits.
func (r *reference) announce() {
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *reference) Info(ctx context.Context) (cairn.Info, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return cairn.Info{}, err
	}
	return cairn.Info{ID: r.id, Head: r.head()}, nil
}

func (r *reference) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.closed = true
		r.announce()
	}
	return nil
}

// clone gives an event bytes of its own.
func clone(e cairn.Recorded) cairn.Recorded {
	e.Data, e.Metadata, e.Tags = bytes.Clone(e.Data), bytes.Clone(e.Metadata), slices.Clone(e.Tags)
	return e
}
