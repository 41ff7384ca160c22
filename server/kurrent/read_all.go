package kurrent

import (
	"math"
	"strings"

	"github.com/cairndb/cairn"
)

// readAll answers a read of the log that ends. Forward it begins with the event
// at the position given, backward with the one before it.
func (p *reading) readAll() error {
	o, any := p.allRange()
	if !any {
		return nil
	}
	// Not all events are shown, so what counts is what was sent.
	for e, err := range p.service.store.ReadAll(p.ctx, o) {
		if err != nil {
			return err
		}
		if err := p.offer(&e, nil); err != nil {
			return err
		}
		if p.full() {
			return nil
		}
	}
	return nil
}

// allRange is the part of the log that was asked for, and whether anything can be
// in it.
func (p *reading) allRange() (o cairn.AllOptions, any bool) {
	o = cairn.AllOptions{Backward: p.backward}
	if p.filter != nil {
		o.Query = p.filter.query
	}
	switch at := p.start; {
	case p.backward && at.end:
	case p.backward && !at.given || p.backward && at.position == 0, !p.backward && at.end:
		return o, false
	case p.backward:
		o.Before = at.position
	case at.given && at.position > 0:
		o.After = at.position - 1
	}
	if p.filter != nil && p.filter.nothing {
		return o, false
	}
	return o, true
}

// offer sends an event of the log if the client is to see it. Others may be told
// of first what comes before it.
func (p *reading) offer(e *cairn.Recorded, first func()) error {
	if hidden(e) {
		return nil
	}
	if p.filter != nil && p.filter.links != nil {
		return p.offerLink(*e, first)
	}
	if p.filter != nil {
		if ok, err := p.filter.matches(e); !ok || err != nil {
			return err
		}
	}
	if first != nil {
		first()
	}
	return p.send(entry{Recorded: *e})
}

// offerLink sends the link to an event where KurrentDB would have it in the log,
// behind the event. Clients know it by the name of its stream.
func (p *reading) offerLink(e cairn.Recorded, first func()) error {
	v := p.filter.links
	if p.filter.nothing || !v.query.Match(&e) || !v.belongs(&e) {
		return nil
	}
	n, err := cairn.Count(p.ctx, p.service.store, v.query, e.Position)
	if err != nil {
		return err
	}
	if first != nil {
		first()
	}
	return p.send(v.link(&e, cairn.Revision(n)-1))
}

// hidden reports whether an event is one of those that the log does not show: the
// progress of the persistent subscriptions to the log, which would otherwise
// follow their own progress for ever.
func hidden(e *cairn.Recorded) bool {
	rest, ok := strings.CutPrefix(e.Stream, "$persistentsubscription-$all::")
	return ok && (strings.HasSuffix(rest, "-checkpoint") || strings.HasSuffix(rest, "-parked"))
}

// after is the position to follow the log from, when it stands at head.
func (s *startAt) after(head cairn.Position) cairn.Position {
	switch {
	case s.end:
		return head
	case s.given && s.before:
		return s.position - 1
	case s.given:
		return min(s.position, math.MaxInt64)
	}
	return 0
}
