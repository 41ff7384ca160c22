package client

import (
	"context"
	"errors"
	"slices"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/wire"
)

// A suspect is a call that was sent to a server which does not remember it.
type suspect struct {
	call  *call
	batch cairn.Batch
	found []cairn.Recorded // events behind the call's position that have IDs of its
}

// settle finds out what became of calls that no server remembers, as the comment
// of writer says. An error means that it could not be found out now.
func (w *writer) settle(ctx context.Context, lost []*call) error {
	for list := range slices.Chunk(lost, 256) {
		suspects, err := suspectsOf(list)
		if err != nil {
			return err
		}
		looked := w.look(ctx, suspects)
		if looked != nil && !settled(looked) {
			return looked
		}
		for _, s := range suspects {
			if err := w.resolve(ctx, s, looked); err != nil {
				return err
			}
		}
	}
	return nil
}

// settled reports whether looking failed in a way that will not change.
func settled(err error) bool {
	return errors.Is(err, ErrDenied) || errors.Is(err, ErrUnauthenticated) || errors.Is(err, cairn.ErrCorrupt) || errors.Is(err, cairn.ErrInvalid)
}

func suspectsOf(list []*call) (all []*suspect, err error) {
	for _, c := range list {
		s := &suspect{call: c}
		if s.batch, err = wire.ParseBatch(c.body, &wire.Names{}); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// look finds the suspects' events in the log.
func (w *writer) look(ctx context.Context, suspects []*suspect) error {
	byID, o := map[cairn.ID][]*suspect{}, cairn.AllOptions{After: noEnd}
	streams := map[string]bool{}
	for _, s := range suspects {
		for id, stream := range s.ids() {
			byID[id] = append(byID[id], s)
			streams[stream] = true
			o.After = min(o.After, s.call.after)
		}
	}
	if len(streams) == 0 {
		return nil
	}
	if len(streams) < cairn.MaxCriteria {
		o.Query = cairn.Query{{}}
		for stream := range streams {
			o.Query[0].Streams = append(o.Query[0].Streams, stream)
		}
	}
	for e, err := range w.client.ReadAll(ctx, o) {
		if err != nil {
			return err
		}
		for _, s := range byID[e.ID] {
			if e.Position > s.call.after {
				s.found = append(s.found, e)
			}
		}
	}
	return nil
}

// noEnd is behind every position there can be.
const noEnd = cairn.Position(1<<63 - 1)

// ids are the batch's event IDs, each with a stream it is written to.
func (s *suspect) ids() map[cairn.ID]string {
	all := map[cairn.ID]string{}
	for _, w := range s.batch.Writes {
		for _, e := range w.Events {
			all[e.ID] = w.Stream
		}
	}
	return all
}

// resolve finishes a suspect or has it sent again.
func (w *writer) resolve(ctx context.Context, s *suspect, looked error) error {
	switch {
	case looked != nil && s.hasEvents():
		return w.resolveBlindly(s, looked)
	case s.hasEvents():
		receipt, stored, err := s.receipt(ctx, w.client)
		if err != nil {
			return err
		}
		if stored {
			w.conclude(s.call, cairn.Outcome{BatchReceipt: receipt})
			return nil
		}
		w.again(s.call, false, false)
	case s.batch.Key != "" || len(s.batch.Writes) == 0:
		w.again(s.call, false, false)
	case s.repeatable():
		w.again(s.call, true, false)
	default:
		w.conclude(s.call, cairn.Outcome{Err: unknown(errors.New("the server was restarted, and what deletes a stream cannot be recognised"))})
	}
	return nil
}

// resolveBlindly is for those who may not look. The store recognises keys and
// what expects exact revisions.
func (w *writer) resolveBlindly(s *suspect, why error) error {
	if s.batch.Key != "" || s.exact() {
		w.again(s.call, s.batch.Key == "", s.batch.Key == "" && s.call.made)
		return nil
	}
	w.conclude(s.call, cairn.Outcome{Err: unknown(why)})
	return nil
}

// again has a call sent as if for the first time.
func (w *writer) again(c *call, doubtful, blind bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c.lost, c.sent = false, doubtful || blind
	c.doubtful, c.blind = c.doubtful || doubtful, c.blind || blind
}

// conclude finishes a call. It stays in the queue.
func (w *writer) conclude(c *call, o cairn.Outcome) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.finish(c, o)
}

func (s *suspect) hasEvents() bool {
	return slices.ContainsFunc(s.batch.Writes, func(w cairn.Write) bool { return len(w.Events) > 0 })
}

// exact reports whether every write expects an exact revision, and none deletes.
func (s *suspect) exact() bool {
	return !slices.ContainsFunc(s.batch.Writes, func(w cairn.Write) bool {
		return w.Expected < cairn.NoStream || w.Delete != cairn.Keep
	})
}

// repeatable reports whether a batch without events does no more if it is
// committed twice.
func (s *suspect) repeatable() bool {
	return !slices.ContainsFunc(s.batch.Writes, func(w cairn.Write) bool {
		return w.Delete == cairn.SoftDelete && w.Expected < cairn.NoStream
	})
}

// receipt makes the receipt that was lost, if the events found are those of the
// whole batch. A batch is stored whole or not at all, so if some are missing those
// that were found are of another batch.
func (s *suspect) receipt(ctx context.Context, store cairn.Inspector) (r cairn.BatchReceipt, stored bool, err error) {
	rest := s.found
	for _, w := range s.batch.Writes {
		at := cairn.NoStream
		for _, e := range w.Events {
			i := slices.IndexFunc(rest, func(f cairn.Recorded) bool { return f.ID == e.ID && f.Stream == w.Stream })
			if i < 0 {
				return r, false, nil
			}
			at, r.Position = rest[i].Revision, rest[i].Position
			rest = rest[i+1:]
		}
		r.Revisions = append(r.Revisions, at)
	}
	r.Duplicate = !s.call.made
	for i, w := range s.batch.Writes {
		if len(w.Events) > 0 {
			continue
		}
		info, err := store.StreamInfo(ctx, w.Stream)
		if err != nil {
			return r, false, err
		}
		r.Revisions[i] = info.Last
	}
	return r, true, nil
}
