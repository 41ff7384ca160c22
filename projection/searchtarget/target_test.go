package searchtarget_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/searchtarget"
)

// The ledger against a map, by changes of several entries at a time.
func TestLedgerModel(t *testing.T) {
	each(t, func(t *testing.T, open func(testing.TB) *server) {
		s := open(t)
		targets := []*searchtarget.Target{s.target(t, nil), s.target(t, nil)}
		model := map[string]string{}
		for step := range 300 {
			c, stands := randomChange(model)
			err := targets[step%2].Apply(t.Context(), c)
			if (err == nil) != stands || err != nil && !errors.Is(err, projection.ErrMoved) {
				t.Fatalf("%v: %v, but it is %v that all stands as expected", c, err, stands)
			}
			if stands {
				for _, e := range c.Put {
					model[e.Key] = e.Value
				}
			}
			prefix := []string{"", "p/", "p/1/", "p/2/3", "q"}[rand.IntN(5)]
			var want []projection.Entry
			for _, key := range slices.Sorted(maps.Keys(model)) {
				if strings.HasPrefix(key, prefix) && model[key] != "" {
					want = append(want, projection.Entry{Key: key, Value: model[key]})
				}
			}
			got, err := targets[rand.IntN(2)].Entries(t.Context(), prefix)
			must(t, err)
			equal(t, "entries", got, want)
		}
	})
}

func randomChange(model map[string]string) (c projection.Change, stands bool) {
	stands = true
	for range rand.IntN(3) {
		key, v := fmt.Sprintf("p/%d/%d", rand.IntN(3), rand.IntN(4)), value(rand.IntN(3))
		if rand.IntN(3) > 0 {
			v = model[key]
		}
		stands = stands && model[key] == v
		c.Expect = append(c.Expect, projection.Entry{Key: key, Value: v})
	}
	for range rand.IntN(4) {
		c.Put = append(c.Put, projection.Entry{Key: fmt.Sprintf("p/%d/%d", rand.IntN(3), rand.IntN(4)), Value: value(rand.IntN(3))})
	}
	return c, stands
}

func value(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// Whoever writes other entries does not stand in the way, however many there are.
func TestCompeting(t *testing.T) {
	each(t, func(t *testing.T, open func(testing.TB) *server) {
		s := open(t)
		var all sync.WaitGroup
		const runners, rounds = 4, 20
		for r := range runners {
			target, key := s.target(t, nil), fmt.Sprint("lane/", r)
			all.Go(func() {
				for n := range rounds {
					if err := target.Apply(t.Context(), move(key, value(n), value(n+1))); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		entries, err := s.target(t, nil).Entries(t.Context(), "")
		must(t, err)
		for _, e := range entries {
			equal(t, e.Key, e.Value, rounds)
		}
		equal(t, "entries", len(entries), runners)
	})
}

// The document that the server refuses is the failure of its event, the first of
// them. Events beside it are written, and are left alone when they come again.
func TestRefusedDocument(t *testing.T) {
	each(t, func(t *testing.T, open func(testing.TB) *server) {
		s := open(t)
		target := s.target(t, nil)
		must(t, target.Update(t.Context(), move("made", "", "1"), making("row")))
		var bad any = "no number"
		fn := func(_ context.Context, tx tx) error {
			return errors.Join(tx.Index(5, "row", "a", row{"a", 5}), tx.Index(6, "row", "b", row{"b", bad}),
				tx.Index(7, "row", "c", row{"c", "none either"}), tx.Index(8, "row", "a", row{"a", 8}))
		}
		err := target.Update(t.Context(), move("a", "", "1"), fn)
		var failed *projection.EventError
		if !errors.As(err, &failed) || failed.Position != 6 || target.Fault(err) != projection.FaultEvent || !strings.Contains(err.Error(), "no number") {
			t.Errorf("%v, want the failure of event 6", err)
		}
		entries, err := target.Entries(t.Context(), "a")
		must(t, err)
		equal(t, "entries", entries, "[]")
		must(t, target.Update(t.Context(), move("a", "", "1"), writing(5, "row", "a", 5)))
		rows, err := s.rows(t, t.Context(), "row")
		must(t, err)
		equal(t, "rows", rows, "map[a:8]")
	})
}

// odd are IDs that must be escaped somewhere.
var odd = []string{"a/b", "..", "ü", "?", "%", "a b", `"`, "+", "&x=y", "\\", "#"}

// Positions decide, not the order of arrival, for deletions too.
func TestPositions(t *testing.T) {
	each(t, func(t *testing.T, open func(testing.TB) *server) {
		s := open(t)
		target := s.target(t, nil)
		must(t, target.Update(t.Context(), projection.Change{}, making("row")))
		type event struct {
			id      string
			n       int
			deletes bool
		}
		events := make([]event, 60)
		want := map[string]int{}
		for i := range events {
			e := event{odd[rand.IntN(len(odd))], i, rand.IntN(4) == 0}
			events[i] = e
			if want[e.id] = i; e.deletes {
				delete(want, e.id)
			}
		}
		for range 12 { // pieces, some of them old
			from := rand.IntN(len(events))
			s.apply(t, target, from, min(from+rand.IntN(20), len(events)), func(i int, tx tx) error {
				if e := events[i]; e.deletes {
					return tx.Delete(cairn.Position(i+1), "row", e.id)
				}
				return tx.Index(cairn.Position(i+1), "row", events[i].id, row{events[i].id, i})
			})
		}
		s.apply(t, target, 0, len(events), func(i int, tx tx) error {
			if e := events[i]; e.deletes {
				return tx.Delete(cairn.Position(i+1), "row", e.id)
			}
			return tx.Index(cairn.Position(i+1), "row", events[i].id, row{events[i].id, i})
		})
		rows, err := s.rows(t, t.Context(), "row")
		must(t, err)
		equal(t, "rows", rows, want)
		for id := range want {
			must(t, target.Update(t.Context(), projection.Change{}, func(ctx context.Context, tx tx) error {
				var got row
				found, err := tx.Get(ctx, "row", id, &got)
				equal(t, "get", fmt.Sprint(found, got, err), fmt.Sprint(true, row{id, want[id]}, nil))
				found, err = tx.Get(ctx, "row", "none", &got)
				equal(t, "get of none", fmt.Sprint(found, err), "false <nil>")
				return nil
			}))
		}
	})
}

func (s *server) apply(t *testing.T, target *searchtarget.Target, from, to int, write func(i int, tx tx) error) {
	t.Helper()
	must(t, target.Update(t.Context(), projection.Change{}, func(_ context.Context, tx tx) error {
		for i := from; i < to; i++ {
			if err := write(i, tx); err != nil {
				return err
			}
		}
		return nil
	}))
}

func TestInvalid(t *testing.T) {
	s := imitation(t)
	target := s.target(t, nil)
	for name, fn := range map[string]func(tx) error{
		"no ID":        func(tx tx) error { return tx.Index(1, "row", "", row{}) },
		"long ID":      func(tx tx) error { return tx.Delete(1, "row", strings.Repeat("x", 513)) },
		"no position":  func(tx tx) error { return tx.Delete(0, "row", "x") },
		"far position": func(tx tx) error { return tx.Delete(math.MaxInt64+1, "row", "x") },
		"twice":        func(tx tx) error { return cmpOr(tx.Index(1, "row", "x", row{}), tx.Delete(1, "row", "x")) },
		"backwards":    func(tx tx) error { return cmpOr(tx.Index(2, "row", "x", row{}), tx.Delete(1, "row", "x")) },
		"index":        func(tx tx) error { return tx.CreateIndex(t.Context(), "row", map[string]any{"a": make(chan int)}) },
	} {
		err := target.Update(t.Context(), projection.Change{}, func(_ context.Context, tx tx) error { return fn(tx) })
		var invalid *cairn.InvalidError
		if !errors.As(err, &invalid) || target.Fault(err) != projection.FaultEvent {
			t.Errorf("%s: %v", name, err)
		}
	}
	err := target.Update(t.Context(), projection.Change{}, func(_ context.Context, tx tx) error { return tx.Index(1, "row", "x", make(chan int)) })
	if err == nil || target.Fault(err) != projection.FaultEvent {
		t.Error(err)
	}
	for _, o := range []searchtarget.Options{{Prefix: "Upper"}, {Prefix: "-x"}, {Prefix: "a/"}, {MaxBytes: -1}, {Refresh: 7}} {
		if _, err := searchtarget.New(s.address, &o); err == nil {
			t.Errorf("%v is taken", o)
		}
	}
	for _, address := range []string{"", "localhost:9200", "ftp://x", "http://", "http://%zz"} {
		if _, err := searchtarget.New(address, nil); err == nil {
			t.Errorf("%q is taken", address)
		}
	}
}

func cmpOr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// Large batches go in several requests, each no larger than it may be.
func TestMaxBytes(t *testing.T) {
	s := imitation(t)
	largest, requests := 0, 0
	s.fake.hook = func(_ http.ResponseWriter, r *http.Request, body []byte) bool {
		if r.URL.Path == "/_bulk" {
			requests++
			largest = max(largest, len(body))
			equal(t, "query", r.URL.RawQuery, "refresh=wait_for")
			equal(t, "type", r.Header.Get("Content-Type"), "application/x-ndjson")
		}
		equal(t, "authorization", r.Header.Get("Authorization"), "ApiKey abc")
		return false
	}
	target := s.target(t, func(o *searchtarget.Options) {
		o.MaxBytes, o.Refresh, o.Header = 2000, searchtarget.Searchable, http.Header{"authorization": {"ApiKey abc"}}
	})
	must(t, target.Update(t.Context(), projection.Change{}, func(_ context.Context, tx tx) error {
		for n := range 100 {
			if err := tx.Index(cairn.Position(n+1), "row", fmt.Sprint(n), row{fmt.Sprint(n), n}); err != nil {
				return err
			}
		}
		return tx.Index(101, "row", "large", row{strings.Repeat("x", 3000), 1}) // alone in its request
	}))
	if largest < 3000 || largest > 3400 || requests < 5 || requests > 50 {
		t.Errorf("%d requests, the largest of %d bytes", requests, largest)
	}
}

// The ledger does not grow beyond what a document may be.
func TestLedgerFull(t *testing.T) {
	s := imitation(t)
	target := s.target(t, nil)
	var c projection.Change
	for n := range 33 << 4 {
		c.Put = append(c.Put, projection.Entry{Key: fmt.Sprint(n), Value: strings.Repeat("x", 64<<10)})
	}
	if err := target.Apply(t.Context(), c); !errors.Is(err, searchtarget.ErrLedgerFull) || target.Fault(err) != projection.FaultSetup {
		t.Error(err)
	}
}
