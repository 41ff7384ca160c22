package group

import (
	"context"
	"errors"
	"time"

	"github.com/cairndb/cairn"
)

// claim makes partitions the member's own, as far as nobody else is faster.
func (m *member) claim(ctx context.Context, free []int) error {
	var batches []cairn.Batch
	var claims []standing
	var numbers []int
	for _, n := range free {
		at, err := stand(ctx, m.store, m.names, n, &m.definition)
		if err != nil {
			return err
		}
		if m.peers.owned(n, at, time.Now()); !m.peers.vacant(n) {
			continue // somebody was faster, and that was not heard of yet
		}
		at.Epoch, at.Owner = at.Epoch+1, m.id
		e, err := at.event(typeClaimed, m.names.tag())
		if err != nil {
			return err
		}
		w := cairn.Write{Stream: m.names.progress(n), Expected: at.revision, Events: []cairn.Event{e}}
		at.id, at.revision = e.ID, at.revision+1
		batches, claims, numbers = append(batches, cairn.Batch{Writes: []cairn.Write{w}}), append(claims, at), append(numbers, n)
	}
	var won []*partition
	for i, out := range cairn.CommitEach(ctx, m.store, batches) {
		p, err := m.won(ctx, numbers[i], claims[i], out.Err)
		if err != nil {
			return err
		}
		if p != nil {
			won = append(won, p)
		}
	}
	return m.install(ctx, won)
}

// won loads a partition if claiming it has succeeded.
func (m *member) won(ctx context.Context, n int, at standing, err error) (*partition, error) {
	if errors.Is(err, cairn.ErrConflict) || errors.Is(err, cairn.ErrUnknownOutcome) {
		now, err := stand(ctx, m.store, m.names, n, &m.definition)
		if err != nil || now.id != at.id {
			return nil, err // somebody was faster, or it is tried again with the next beat
		}
	} else if err != nil {
		return nil, err
	}
	l, err := load(ctx, m.store, m.names.parked(n))
	if err != nil {
		return nil, err
	}
	m.o.Logger.Info("group: partition claimed", "group", string(m.names), "member", m.id, "partition", n, "epoch", at.Epoch, "unsettled", len(at.Unsettled))
	return newPartition(n, at, l), nil
}

// install takes on partitions, with what was unsettled in them, and has the
// follower begin where the one that lies furthest behind has got to.
func (m *member) install(ctx context.Context, won []*partition) error {
	if len(won) == 0 {
		return nil
	}
	for _, p := range won {
		if err := m.recall(ctx, p); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range won {
		p.loaded = true
		p.stale = true // somebody may have asked for something meanwhile
		m.peers.owned(p.n, p.at, time.Now())
		m.rearrange(p)
	}
	if m.interrupt != nil {
		m.interrupt(errRestart)
	}
	m.room.Broadcast()
	m.poke()
	select {
	case m.restart <- struct{}{}:
	default:
	}
	return nil
}

// gap is how many positions between two unsettled ones are read rather than
// jumped over.
const gap = 64

// recall reads the unsettled events of a partition and holds them again.
func (m *member) recall(ctx context.Context, p *partition) error {
	m.mu.Lock()
	if lost := m.partitions[p.n]; lost != nil {
		m.forget(lost) // others had it meanwhile, which no commit has shown yet
	}
	m.partitions[p.n] = p
	m.mu.Unlock()
	for rest := p.at.Unsettled; len(rest) > 0; {
		k := 1
		for k < len(rest) && rest[k]-rest[k-1] <= gap {
			k++
		}
		if err := m.reread(ctx, p, rest[:k]); err != nil {
			return err
		}
		rest = rest[k:]
	}
	return nil
}

func (m *member) reread(ctx context.Context, p *partition, positions []cairn.Position) error {
	o := cairn.AllOptions{After: positions[0] - 1, Before: positions[len(positions)-1] + 1}
	for e, err := range m.store.ReadAll(ctx, o) {
		if err != nil {
			return err
		}
		for len(positions) > 0 && positions[0] < e.Position {
			positions = positions[1:] // no longer in the log
		}
		if len(positions) > 0 && positions[0] == e.Position {
			m.mu.Lock()
			if m.partitions[p.n] == p {
				m.hold(p, m.o.Key(&e), &e)
			}
			m.mu.Unlock()
		}
	}
	return nil
}
