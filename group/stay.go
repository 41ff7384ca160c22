package group

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cairndb/cairn"
)

// stay keeps the member in the group: it says that it is there, hears of the
// others, and claims and releases partitions as they come and go.
func (m *member) stay(ctx context.Context) error {
	info, err := m.store.Info(ctx)
	if err == nil {
		err = m.lookAround(ctx)
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel(nil)
	wg.Go(func() { cancel(m.listen(ctx, info.Head)) })
	tick := time.NewTicker(m.o.Lease / 3)
	defer tick.Stop()
	if err := m.beat(ctx, false); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
			err = m.beat(ctx, false)
		case <-m.nudged:
		}
		if err == nil {
			err = m.balance(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// lookAround finds out who is there and whose the partitions are.
func (m *member) lookAround(ctx context.Context) error {
	now := time.Now()
	for e, err := range m.store.ReadStream(ctx, m.names.members(), cairn.ReadOptions{}) {
		if err != nil {
			return err
		}
		var b beat
		if err := decode(&e, &b); err != nil {
			return err
		}
		m.peers.heard(&b, now)
	}
	for n := range m.definition.Partitions {
		at, err := stand(ctx, m.store, m.names, n, &m.definition)
		if err != nil {
			return err
		}
		m.peers.owned(n, at, now)
	}
	return nil
}

// beat says that the member is there, or leaves.
func (m *member) beat(ctx context.Context, leaving bool) error {
	m.mu.Lock()
	b := beat{Member: m.id, Lease: m.o.Lease, Leaving: leaving, Held: m.held, Full: m.full, Offered: m.offered}
	m.mu.Unlock()
	e, err := b.event(m.names.tag())
	if err != nil {
		return err
	}
	_, err = m.store.Append(ctx, m.names.members(), cairn.Any, e)
	if errors.Is(err, cairn.ErrUnknownOutcome) {
		return nil // the next beat will tell
	}
	return err
}

// listen follows the group's own events.
func (m *member) listen(ctx context.Context, after cairn.Position) error {
	o := cairn.AllOptions{After: after, Query: cairn.ByTag(m.names.tag()), Follow: true}
	for e, err := range m.store.ReadAll(ctx, o) {
		if err != nil {
			return err
		}
		if err := m.hear(&e); err != nil {
			return err
		}
	}
	return nil
}

func (m *member) hear(e *cairn.Recorded) error {
	n, ok := m.names.partition(e.Stream)
	switch e.Type {
	case typeBeat:
		var b beat
		if err := decode(e, &b); err != nil {
			return err
		}
		if m.peers.heard(&b, time.Now()) || b.Member == m.id {
			m.nudge()
		}
	case typeClaimed, typeReleased:
		p, err := parseProgress(e)
		if err != nil || !ok {
			return err
		}
		m.peers.owned(n, standing{p, e.Revision, e.ID}, time.Now())
		if e.Type == typeReleased {
			m.nudge()
		}
	case typeReplay, typeEdited, typeDropped:
		m.asked(n)
	case typeDeleted:
		return fmt.Errorf("%w: group %q was deleted", ErrUnknown, string(m.names))
	}
	return nil
}

// asked notes that somebody wants something done with what is parked.
func (m *member) asked(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.partitions[n]; p != nil {
		p.stale = true
		m.poke()
	}
}

// balance brings what the member owns in line with who is there.
func (m *member) balance(ctx context.Context) error {
	owners := assign(m.definition.Partitions, m.peers.living())
	m.letGo(func(p *partition) bool { return owners[p.n] != m.id })
	var free []int
	for n, owner := range owners {
		if owner == m.id && m.peers.vacant(n) {
			free = append(free, n)
		}
	}
	if len(free) == 0 {
		return nil
	}
	return m.claim(ctx, free)
}
