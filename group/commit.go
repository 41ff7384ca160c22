package group

import (
	"context"
	"errors"
	"time"

	"github.com/cairndb/cairn"
)

// commitAll writes down what is settled until the context ends.
func (m *member) commitAll(ctx, patient context.Context) error {
	tick := time.NewTicker(m.o.CheckpointEvery)
	defer tick.Stop()
	for {
		due := false
		select {
		case <-ctx.Done():
			return nil
		case <-m.machine.wake:
		case <-tick.C:
			due = true
		}
		if err := m.round(patient, due); err != nil {
			return err
		}
	}
}

// round makes one commit for each partition that needs one, all at once.
func (m *member) round(ctx context.Context, due bool) error {
	if err := m.refresh(ctx); err != nil {
		return err
	}
	sends, err := m.machine.collect(m.names, due)
	for wait := time.Millisecond; err == nil && len(sends) > 0; wait = min(2*wait, time.Second) {
		batches := make([]cairn.Batch, len(sends))
		for i, s := range sends {
			batches[i] = s.batch
		}
		var unknown []*send
		for i, out := range cairn.CommitEach(ctx, m.store, batches) {
			if errors.Is(out.Err, cairn.ErrUnknownOutcome) {
				unknown = append(unknown, sends[i])
			} else if e := m.learn(ctx, sends[i], out); e != nil {
				err = e
			}
		}
		if sends = unknown; len(sends) > 0 {
			err = errors.Join(err, pause(ctx, wait))
		}
	}
	return err
}

// pause waits for a while, or less if the context ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// learn takes the outcome of a commit.
func (m *member) learn(ctx context.Context, s *send, out cairn.Outcome) error {
	c, conflict := errors.AsType[*cairn.ConflictError](out.Err)
	mine := len(s.effects()) > 0 && (errors.Is(out.Err, cairn.ErrInvalid) || errors.Is(out.Err, cairn.ErrStreamDeleted))
	switch {
	case out.Err == nil:
		m.machine.stored(s, out.Revisions[0])
		m.log(s)
	case conflict && about(c, m.names.progress(s.p.n)):
		return m.fenced(ctx, s)
	case conflict && about(c, m.names.parked(s.p.n)):
		m.machine.refused(s, nil)
	case conflict || mine:
		m.machine.refused(s, out.Err)
	default:
		return out.Err
	}
	return nil
}

// about reports whether a conflict is about a stream.
func about(c *cairn.ConflictError, stream string) bool {
	if c.Stream == stream {
		return true
	}
	for _, o := range c.Others {
		if o.Stream == stream {
			return true
		}
	}
	return false
}

// fenced finds out who was first. It may have been the member itself, if the
// answer to an earlier try was lost; otherwise the partition has a new owner.
func (m *member) fenced(ctx context.Context, s *send) error {
	at, err := stand(ctx, m.store, m.names, s.p.n, &m.definition)
	if err != nil {
		return err
	}
	if at.id == s.id() {
		m.machine.stored(s, at.revision)
		return nil
	}
	m.o.Logger.Warn("group: partition lost", "group", string(m.names), "member", m.id, "partition", s.p.n, "owner", at.Owner, "epoch", at.Epoch)
	m.machine.mu.Lock()
	m.machine.forget(s.p)
	m.machine.mu.Unlock()
	m.nudge()
	return nil
}

func (m *member) log(s *send) {
	if s.release {
		m.o.Logger.Info("group: partition released", "group", string(m.names), "member", m.id, "partition", s.p.n)
	}
}

// refresh reads what others have added to the ledgers.
func (m *member) refresh(ctx context.Context) error {
	for _, p := range m.machine.stale() {
		notes, err := cairn.Collect(m.store.ReadStream(ctx, m.names.parked(p.n), cairn.ReadOptions{From: p.ledger.revision + 1}))
		if err == nil {
			err = m.machine.catchUp(p, notes)
		}
		if err != nil {
			return err
		}
	}
	return m.truncate(ctx)
}

// truncateAfter is how long the stream of notes gets before it is cut off when
// nothing is parked.
const truncateAfter = 1024

func (m *member) truncate(ctx context.Context) error {
	for _, p := range m.machine.empty() {
		_, err := cairn.Truncate(ctx, m.store, m.names.parked(p.n), p.ledger.revision+1)
		if err != nil && !errors.Is(err, cairn.ErrConflict) && !errors.Is(err, cairn.ErrUnknownOutcome) {
			return err
		}
	}
	return nil
}
