package torture

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Serve is the other side of [Run]: a process that takes turns with the store.
// It follows orders, one line of JSON each, until it has had its turn or there
// are no more; when the process that gives them dies, so does this one. The
// error is for the exit status: it was reported already.
func Serve(ctx context.Context, open Opener, orders io.Reader, messages io.Writer) error {
	s := &server{open: open, out: json.NewEncoder(messages)}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	in := json.NewDecoder(orders)
	for {
		var o order
		if err := in.Decode(&o); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if o.Do == doTurn {
			return s.turn(ctx, o, func() { awaitStop(in); stop() })
		}
		if err := s.intrude(o); err != nil {
			return err
		}
	}
}

// awaitStop returns when the turn shall end: it is ordered to, or nobody is
// left to give orders. A reader cannot be interrupted, so this outlives a turn
// that fails; the process ends then.
func awaitStop(in *json.Decoder) {
	for {
		var o order
		if err := in.Decode(&o); err != nil || o.Do == doStop {
			return
		}
	}
}

type server struct {
	open Opener
	mu   sync.Mutex
	out  *json.Encoder
}

func (s *server) say(m message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Encode(m)
}

func (s *server) turn(ctx context.Context, o order, watch func()) error {
	go watch()
	t := &turn{settings: o.Settings, number: o.Turn, open: s.open, say: s.say}
	err := t.run(ctx)
	if err != nil {
		err = errors.Join(err, s.say(failure(err)))
	}
	return err
}

// intrude tries to open the store, which another process owns.
func (s *server) intrude(o order) error {
	store, err := s.open(o.Settings.Store)
	if err != nil {
		return s.say(message{Said: saidRefused, Error: err.Error()})
	}
	err = broken("exclusive", "a second process could open the store in %s", o.Settings.Store)
	return errors.Join(fmt.Errorf("intrude: %w", err), store.Close(), s.say(failure(err)))
}
