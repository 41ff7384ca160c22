package telemetry_test

import (
	"context"
	"errors"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/telemetry"
)

// TestFollowers steps three followers through a log and looks at each step.
func TestFollowers(t *testing.T) {
	in := telemetry.New(telemetry.Options{})
	s := memory(t, in)
	defer s.Close()
	for range 5 {
		must(t)(s.Append(t.Context(), "s", cairn.Any, cairn.Event{Type: "t"}))
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	log, query, stream := newStepper(), newStepper(), newStepper()
	go log.run(s.ReadAll(ctx, cairn.AllOptions{Follow: true, CaughtUp: func(cairn.Position) { log.caughtUp() }}))
	go query.run(s.ReadAll(ctx, cairn.AllOptions{Follow: true, Query: cairn.ByType("other"), CaughtUp: func(cairn.Position) { query.caughtUp() }}))
	go stream.run(s.ReadStream(ctx, "s", cairn.ReadOptions{From: 3, Follow: true, CaughtUp: func(cairn.Revision) { stream.caughtUp() }}))

	<-query.caught // nothing matches
	log.next()     // the body has event 1
	stream.next()  // and event 4
	got := gather(t, in)
	got.want(t, `cairn_followers{kind="log"}`, 1)
	got.want(t, `cairn_followers{kind="query"}`, 1)
	got.want(t, `cairn_followers{kind="stream"}`, 1)
	got.want(t, `cairn_follower_lag_max_events`, 5)
	got.want(t, `cairn_followers_behind{events="1"}`, 2)
	got.want(t, `cairn_followers_behind{events="100"}`, 0)

	for range 4 {
		log.next()
	}
	gather(t, in).want(t, `cairn_follower_lag_max_events`, 2) // the stream's
	stream.next()
	stream.release()
	<-stream.caught
	gather(t, in).want(t, `cairn_follower_lag_max_events`, 1)
	log.release()
	<-log.caught
	got = gather(t, in)
	got.want(t, `cairn_follower_lag_max_events`, 0)
	got.want(t, `cairn_followers_behind{events="1"}`, 0)
	got.want(t, `cairn_read_events_total{kind="log"}`, 5)
	got.want(t, `cairn_read_events_total{kind="stream"}`, 2)

	must(t)(s.Append(t.Context(), "elsewhere", cairn.Any, cairn.Event{Type: "t"}))
	log.next() // what the others follow is not touched
	gather(t, in).want(t, `cairn_followers_behind{events="1"}`, 1)

	stop()
	log.release()
	for _, f := range []*stepper{log, query, stream} {
		if err := f.wait(); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	got = gather(t, in)
	got.want(t, `cairn_followers{kind="log"}`, 0)
	got.want(t, `cairn_read_duration_seconds{kind="log"}`, 0)
}

// A stepper reads one event each time it is told to.
type stepper struct {
	arrived, resume chan struct{}
	caught          chan struct{}
	done            chan error
	held            bool // the body waits to be released
}

func newStepper() *stepper {
	return &stepper{make(chan struct{}), make(chan struct{}), make(chan struct{}, 100), make(chan error, 1), false}
}

func (s *stepper) caughtUp() { s.caught <- struct{}{} }

// run is done when the read is, and not when its body is.
func (s *stepper) run(seq func(func(cairn.Recorded, error) bool)) {
	var last error
	for _, last = range seq {
		if last != nil {
			break
		}
		s.arrived <- struct{}{}
		<-s.resume
	}
	s.done <- last
}

// next lets the body go on until it has the next event.
func (s *stepper) next() {
	s.release()
	<-s.arrived
	s.held = true
}

// release lets the body end.
func (s *stepper) release() {
	if s.held {
		s.resume <- struct{}{}
	}
	s.held = false
}

func (s *stepper) wait() error { return <-s.done }
