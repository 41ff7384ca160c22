package main

import (
	"fmt"
	"slices"

	"github.com/cairndb/cairn"
)

// A series is effects that there must be one of for each event, in the order of
// the events of each key.
type series struct {
	plan *plan
	of   []int // how many of each key there are
	all  int
}

func newSeries(p *plan) *series { return &series{plan: p, of: make([]int, p.Keys)} }

// next is one more effect.
func (s *series) next(e *cairn.Recorded) error {
	at, err := stepOf(e.Data)
	if err != nil {
		return err
	}
	key, err := keyOf(e.Stream)
	if err != nil || key != at.Key || key < 0 || key >= len(s.of) {
		return fmt.Errorf("%s holds an effect of order %d", e.Stream, at.Key)
	}
	if at.Seq != s.of[key] {
		return fmt.Errorf("%s: the effect of event %d follows that of event %d", e.Stream, at.Seq, s.of[key]-1)
	}
	s.of[key]++
	s.all++
	return nil
}

func (s *series) complete(what string) error {
	for key, n := range s.of {
		if want := s.plan.length(key); n != want {
			return fmt.Errorf("%s: order %d has %d of %d", what, key, n, want)
		}
	}
	return nil
}

// complete checks that everything is there.
func (a *auditor) complete() error {
	for key, ids := range a.ids {
		if len(ids) != a.plan.length(key) {
			return fmt.Errorf("order %d has %d events of %d", key, len(ids), a.plan.length(key))
		}
	}
	if err := a.stated.complete("lines of statements"); err != nil {
		return err
	}
	rounds := a.plan.rounds()
	if len(a.stock) != rounds {
		return fmt.Errorf("%d rounds have asked for stock, of %d", len(a.stock), rounds)
	}
	for key := range a.plan.Keys {
		for n := range a.plan.of(key) {
			if err := a.ended(key, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// ended checks that the saga of a round has come to one end. What is paid may have
// been paid too late; what is not paid must have been released.
func (a *auditor) ended(key, n int) error {
	asked := a.stock[roundID(key, n)]
	switch {
	case slices.Equal(asked, []string{typeReserve, typeRelease}):
		a.released++
	case slices.Equal(asked, []string{typeReserve, typeShip}) && a.plan.paid(key, n):
		a.shipped++
	default:
		return fmt.Errorf("round %s, paid %v, has asked for %v", roundID(key, n), a.plan.paid(key, n), asked)
	}
	return nil
}
