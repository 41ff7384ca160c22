package ui

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/component"
	"github.com/cairndb/cairn/group"
)

// A system is what the map is drawn from: what there is in the store, and who has
// registered there.
type system struct {
	Head       cairn.Position
	Rated      bool // the store counts, so there are rates
	Categories []*category
	Types      []*eventType
	Actors     []*actor
	Leads      map[string][]string // what types lead to, as was seen lately

	LeftOut []string // of what there is more than is shown
}

// A tally says how many events there are of something.
type tally struct {
	Name   string
	Events int64
	Rate   float64 // in a second, over the last minute
}

type category struct {
	tally
	Types []*eventType // the most frequent first
}

type eventType struct {
	tally
	Category string // in which it was seen last; empty if it never was
}

// An actor is a part of the system that does something: a group, a projection, or
// what has noted what it is.
type actor struct {
	component.About
	Name   string
	Path   string // of its page; empty if it has none
	Health string // as of a badge; empty if nobody knows
	Says   string
	Lag    int64
	Rate   float64 // of the events that it selects; below zero is unknown

	Reads  bool // it selects events of the log
	Query  cairn.Query
	Model  string // what a projection makes, and in which kind of database
	Target string
}

// A known is what was found out before and need not be asked again.
type known struct {
	categoryOf map[string]string // of types
}

func newKnown() known {
	return known{map[string]string{}}
}

// look finds out how the system is. It asks the index and what has registered, and
// reads the latest events: as much however large the log is.
func (u *ui) look(ctx context.Context, k *known) (*system, error) {
	info, err := u.store.Info(ctx)
	if err != nil {
		return nil, err
	}
	s := &system{Head: info.Head, Leads: map[string][]string{}}
	for _, step := range []func(context.Context, *system, *known) error{
		u.lookForGroups, u.lookForProjections, u.lookForComponents, u.lookForTypes, u.lookAtRates,
	} {
		if err := step(ctx, s, k); err != nil {
			return nil, err
		}
	}
	s.arrange()
	return s, nil
}

// leaveOut notes that some of what there is is not shown, and returns how much is.
func (s *system) leaveOut(have, most int, what string) int {
	if have > most {
		s.LeftOut = append(s.LeftOut, grouped(have-most)+" "+what)
	}
	return min(have, most)
}

func (u *ui) lookForGroups(ctx context.Context, s *system, _ *known) error {
	names, err := group.List(ctx, u.store)
	if err != nil {
		return err
	}
	u.sightings.forget(names[:min(len(names), groupsShown)])
	for _, name := range names[:s.leaveOut(len(names), mapGroups, "groups")] {
		status, err := u.sightings.status(ctx, u.store, name)
		if errors.Is(err, group.ErrUnknown) {
			continue // deleted meanwhile
		}
		if err != nil {
			return err
		}
		line := lineOfGroup(name, status)
		a := &actor{
			Name: name, About: status.About, Path: pagePath("/groups", name), Health: line.Health, Says: line.Says,
			Lag: status.Lag, Reads: true, Query: status.Query,
		}
		a.Kind = cmp.Or(a.Kind, "group")
		s.Actors = append(s.Actors, a)
	}
	return nil
}

func (u *ui) lookForProjections(ctx context.Context, s *system, _ *known) error {
	lines, err := u.projectionLines(ctx)
	if err != nil {
		return err
	}
	slices.SortFunc(lines, func(a, b projectionLine) int { return cmp.Compare(a.Projection, b.Projection) })
	lines = lines[:s.leaveOut(len(lines), mapProjections, "projections")]
	for i := range lines {
		l := &lines[i]
		s.Actors = append(s.Actors, &actor{
			Name: l.Projection, About: component.About{Kind: "projection"}, Path: pagePath("/projections", l.Projection),
			Health: l.Health, Says: l.Says, Lag: l.Build.Lag, Reads: true, Query: l.Build.Query,
			Model: cmp.Or(strings.Join(l.Build.Tables, ", "), l.Projection), Target: l.Target,
		})
	}
	return nil
}

// actor is the one of a name; nil if there is none yet.
func (s *system) actor(name string) *actor {
	for _, a := range s.Actors {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// lookForComponents adds what has noted what it is. A note says nothing about how
// it does, nor that it is still there. One of the name of a group is about that.
func (u *ui) lookForComponents(ctx context.Context, s *system, _ *known) error {
	all, err := component.List(ctx, u.store)
	if err != nil {
		return err
	}
	all = all[:s.leaveOut(len(all), mapComponents, "components")]
	for _, c := range all {
		if a := s.actor(c.Name); a != nil {
			a.About = a.Or(c.About)
			continue
		}
		a := &actor{Name: c.Name, About: c.About, Rate: -1, Says: "noted " + ago(time.Since(c.Noted))}
		a.Kind = cmp.Or(a.Kind, "component")
		s.Actors = append(s.Actors, a)
	}
	return nil
}
