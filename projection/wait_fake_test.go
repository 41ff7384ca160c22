package projection

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cairndb/cairn"
)

// A pile is a log in a slice.
type pile struct {
	mu     sync.Mutex
	id     cairn.ID
	events []cairn.Recorded
	reads  int // events that were read
}

func newPile() *pile { return &pile{id: cairn.NewID()} }

func (p *pile) add(stream, name, data string) cairn.Recorded {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := cairn.Position(len(p.events) + 1)
	e := cairn.Recorded{Stream: stream, Position: at, Event: cairn.Event{
		ID: cairn.NewID(), Type: name, Data: []byte(data), Time: time.Unix(int64(at), 0),
	}}
	for _, other := range p.events {
		if other.Stream == stream {
			e.Revision++
		}
	}
	p.events = append(p.events, e)
	return e
}

func (p *pile) Info(context.Context) (cairn.Info, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return cairn.Info{ID: p.id, Head: cairn.Position(len(p.events))}, nil
}

func (p *pile) StreamInfo(context.Context, string) (cairn.StreamInfo, error) {
	return cairn.StreamInfo{}, errors.New("not needed")
}

func (p *pile) ReadAll(ctx context.Context, o cairn.AllOptions) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		for _, e := range p.chosen(o) {
			if err := context.Cause(ctx); err != nil {
				yield(cairn.Recorded{}, err)
				return
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (p *pile) chosen(o cairn.AllOptions) (all []cairn.Recorded) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.events {
		system := o.NoSystem && (strings.HasPrefix(e.Stream, "$") || strings.HasPrefix(e.Type, "$"))
		if e.Position > o.After && (o.Before == 0 || e.Position < o.Before) && o.Query.Match(&e) && !system {
			all = append(all, e)
		}
	}
	if o.Backward {
		slices.Reverse(all)
	}
	if o.Limit > 0 {
		all = all[:min(o.Limit, len(all))]
	}
	p.reads += len(all)
	return all
}

// A shelf is a target in a map: rows by table and key.
type shelf struct {
	mu      sync.Mutex
	values  map[string]string
	rows    shelfTx
	looked  func(prefix string) // told before entries are read
	failing error
	fault   Fault
	traits  Traits
}

type shelfTx map[string]map[string]int64

func (tx shelfTx) add(table, key string, n int64) error {
	if tx[table] == nil {
		return errors.New("there is no table " + table)
	}
	tx[table][key] += n
	return nil
}

func newShelf() *shelf {
	return &shelf{values: map[string]string{}, rows: shelfTx{}, traits: Traits{Transactional: true, Undoes: true}}
}

func (s *shelf) Entries(ctx context.Context, prefix string) (found []Entry, _ error) {
	if s.looked != nil {
		s.looked(prefix)
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failing != nil {
		return nil, s.failing
	}
	for _, key := range slices.Sorted(maps.Keys(s.values)) {
		if strings.HasPrefix(key, prefix) {
			found = append(found, Entry{key, s.values[key]})
		}
	}
	return found, nil
}

func (s *shelf) Apply(_ context.Context, c Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range c.Expect {
		if s.values[e.Key] != e.Value {
			return ErrMoved
		}
	}
	for _, e := range c.Put {
		s.values[e.Key] = e.Value
	}
	return nil
}

func (s *shelf) Fault(error) Fault { return s.fault }
func (s *shelf) Traits() Traits    { return s.traits }

func (s *shelf) Update(ctx context.Context, c Change, fn func(context.Context, shelfTx) error) error {
	s.mu.Lock()
	tx := shelfTx{}
	for name, rows := range s.rows {
		tx[name] = maps.Clone(rows)
	}
	s.mu.Unlock()
	if err := fn(ctx, tx); err != nil {
		return err
	}
	s.mu.Lock()
	s.rows = tx
	s.mu.Unlock()
	return s.Apply(ctx, c)
}

// put writes an entry.
func (s *shelf) put(key string, value any) {
	b, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[key] = string(b)
}

const testName = "balances"

var testPlace = placeOf(testName)

// begin writes down builds and their lanes as a runner would, all at zero. The
// first is active.
func begin(s *shelf, log *pile, builds ...Definition) {
	for _, b := range builds {
		moveLanes(s, b.Build, make([]Checkpoint, max(b.Lanes, 1)))
	}
	activate(s, log, builds[0].Build, builds...)
}

func activate(s *shelf, log *pile, active int, builds ...Definition) {
	s.put(testPlace.deployment(), deployment{Store: log.id, Active: active, Last: len(builds), Builds: builds})
}

func moveLanes(s *shelf, build int, lanes []Checkpoint) {
	for n, c := range lanes {
		s.put(testPlace.lane(build, n), c)
	}
}

// all reads an iterator to its end.
func all(t *testing.T, seq iter.Seq2[cairn.Recorded, error]) (events []cairn.Recorded) {
	t.Helper()
	for e, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}
