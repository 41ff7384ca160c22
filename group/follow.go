package group

import (
	"context"
	"errors"

	"github.com/cairndb/cairn"
)

// followAll offers the events of the log to the machine, beginning anew
// whenever partitions were claimed.
func (m *member) followAll(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-m.restart:
		}
		for again := true; again; {
			err := m.follow(ctx)
			if again = errors.Is(err, errRestart); !again {
				return err
			}
		}
	}
}

// follow offers events until the context ends or it is interrupted.
func (m *member) follow(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(ctx, m.lookUp)()
	o := cairn.AllOptions{
		After: m.begun(cancel), Query: m.o.Query, NoSystem: !m.o.System, Follow: true,
		CaughtUp: m.reach, Progress: m.reach,
	}
	var next cairn.Recorded // one for all: most are other members', and are not kept
	for e, err := range m.store.ReadAll(ctx, o) {
		if err != nil {
			return err
		}
		if next = e; !m.o.wants(&next) {
			continue
		}
		key := m.o.Key(&next)
		if !m.offer(ctx, partitionOf(key, m.definition.Partitions), key, &next) {
			return context.Cause(ctx)
		}
	}
	return context.Cause(ctx)
}

// begun makes the follower cover all partitions, and says where it must begin.
func (m *member) begun(interrupt context.CancelCauseFunc) cairn.Position {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.interrupt = interrupt
	after, first := cairn.Position(0), true
	for _, p := range m.partitions {
		if !p.loaded {
			continue
		}
		if first || p.read < after {
			after, first = p.read, false
		}
		p.active = true
	}
	return after
}
