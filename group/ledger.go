package group

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/cairndb/cairn"
)

// A note is an event of the stream of what a partition has parked.
type note struct {
	Key      string         `json:"key"`
	Position cairn.Position `json:"position,omitempty"`
	Error    string         `json:"error,omitempty"` // empty for what is parked behind another event
	Attempts int            `json:"attempts,omitempty"`
	Reason   string         `json:"reason,omitempty"`
	Event    *edited        `json:"event,omitempty"`
}

// An edited is an event that takes the place of a parked one.
type edited struct {
	Type     string       `json:"type"`
	Data     []byte       `json:"data,omitempty"`
	Metadata []byte       `json:"metadata,omitempty"`
	Format   cairn.Format `json:"format,omitempty"`
	Tags     []string     `json:"tags,omitempty"`
}

func (n *note) event(kind string, tags ...string) (cairn.Event, error) {
	data, err := json.Marshal(n)
	return system(kind, data, tags...), err
}

// A shelf is what is parked under one key, in order.
type shelf struct {
	entries   []cairn.Position
	edits     map[cairn.Position]*edited
	replaying bool
	err       string
	attempts  int
}

// A ledger is what a partition has parked: the fold of its stream of notes. It
// takes eight bytes for each parked event.
type ledger struct {
	revision cairn.Revision // of the last note
	cut      cairn.Revision // up to where the stream was cut off lately
	shelves  map[string]*shelf
}

// read folds further events of the stream.
func (l *ledger) read(events []cairn.Recorded) error {
	for i := range events {
		var n note
		if err := decode(&events[i], &n); err != nil {
			return err
		}
		l.fold(events[i].Type, &n)
		l.revision = events[i].Revision
	}
	return nil
}

// load reads what a partition has parked. The stream may have been cut off.
func load(ctx context.Context, store Store, stream string) (*ledger, error) {
	info, err := store.StreamInfo(ctx, stream)
	if err != nil {
		return nil, err
	}
	l := &ledger{revision: info.First - 1, cut: info.First - 1, shelves: map[string]*shelf{}}
	notes, err := cairn.Collect(store.ReadStream(ctx, stream, cairn.ReadOptions{From: info.First}))
	if err != nil {
		return nil, err
	}
	return l, l.read(notes)
}

// on reports whether an event is parked under a key.
func (l *ledger) on(key string, p cairn.Position) bool {
	s := l.shelves[key]
	return s != nil && s.holds(p)
}

// fold takes one more note into account. One that does not fit is passed over:
// whoever asks for something may be late.
func (l *ledger) fold(kind string, n *note) {
	s := l.shelves[n.Key]
	switch {
	case kind == typeParked:
		l.park(n)
	case s == nil:
	case kind == typeReplay:
		s.replaying = true
	case kind == typeFailed:
		s.replaying, s.err, s.attempts = false, n.Error, n.Attempts
	case kind == typeEdited && s.holds(n.Position):
		s.edits[n.Position] = n.Event
	case kind == typeDropped && n.Position == 0:
		delete(l.shelves, n.Key)
	case kind == typeDropped, kind == typeResolved:
		l.take(n.Key, s, n.Position)
	}
}

func (l *ledger) park(n *note) {
	s := l.shelves[n.Key]
	if s == nil {
		s = &shelf{edits: map[cairn.Position]*edited{}}
		l.shelves[n.Key] = s
	}
	if n.Error != "" {
		s.err, s.attempts = n.Error, n.Attempts
	}
	if k := len(s.entries); k == 0 || s.entries[k-1] < n.Position {
		s.entries = append(s.entries, n.Position)
	}
}

// take takes an event off its shelf. A key with nothing parked flows again.
func (l *ledger) take(key string, s *shelf, p cairn.Position) {
	if i, found := slices.BinarySearch(s.entries, p); found {
		s.entries = slices.Delete(s.entries, i, i+1)
		delete(s.edits, p)
	}
	if len(s.entries) == 0 {
		delete(l.shelves, key)
	}
}

func (s *shelf) holds(p cairn.Position) bool {
	_, found := slices.BinarySearch(s.entries, p)
	return found
}

// apply is the event with what was edited in its place.
func (e *edited) apply(r *cairn.Recorded) {
	r.Type, r.Data, r.Metadata, r.Format, r.Tags = e.Type, e.Data, e.Metadata, e.Format, e.Tags
}
