package decider_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
	"github.com/cairndb/cairn/decider"
	"github.com/cairndb/cairn/decider/snapshot"
)

// shelf is a snapshot store that a test can see into.
type shelf struct {
	kept    map[string]snapshot.Snapshot
	loadErr error
	saveErr error
	saves   int
}

func newShelf() *shelf { return &shelf{kept: map[string]snapshot.Snapshot{}} }

func (s *shelf) Load(_ context.Context, stream string) (snapshot.Snapshot, bool, error) {
	got, ok := s.kept[stream]
	return got, ok, s.loadErr
}

func (s *shelf) Save(_ context.Context, stream string, snap snapshot.Snapshot) error {
	s.saves++
	if s.saveErr == nil {
		s.kept[stream] = snap
	}
	return s.saveErr
}

// A counter counts how many events are folded.
type counter struct{ folded int }

func (c *counter) evolve(s state, e event) state {
	c.folded++
	return s.evolve(e)
}

func caching(s decider.Store, c *counter, kept snapshot.Store, version int, log *slog.Logger) *accounts {
	return decider.New(s, events, c.evolve, &options{
		FirstDelay: 1, MaxDelay: 1, Logger: log,
		Snapshots: &decider.Snapshots[state]{Store: kept, Every: 10, Version: version},
	})
}

func TestSnapshotsSpareFolding(t *testing.T) {
	store, kept, c := newStore(t), newShelf(), &counter{}
	d := caching(store, c, kept, 1, nil)
	for i := range 95 {
		c.folded = 0
		res, err := d.Do(t.Context(), "account-1", deposit(1))
		if err != nil || res.State.Cents != int64(i+1) {
			t.Fatalf("%+v, %v", res, err)
		}
		if c.folded > 12 {
			t.Fatalf("folded %d events for decision %d", c.folded, i)
		}
	}
	if kept.saves != 9 || kept.kept["account-1"].Revision != 89 {
		t.Errorf("%d saves, last at %v", kept.saves, kept.kept["account-1"].Revision)
	}
	c.folded = 0
	if s, at, err := d.Load(t.Context(), "account-1"); s.Cents != 95 || at != 94 || err != nil || c.folded != 5 {
		t.Errorf("%+v at %v, %v; folded %d", s, at, err, c.folded)
	}
}

func TestLoadKeepsSnapshotsToo(t *testing.T) {
	store, kept := newStore(t), newShelf()
	fill(t, store, "account-1", 30)
	must(0, errOf(caching(store, &counter{}, kept, 1, nil).Load(t.Context(), "account-1")))(t)
	if kept.kept["account-1"].Revision != 29 {
		t.Errorf("%+v", kept.kept)
	}
}

func errOf[A, B any](_ A, _ B, err error) error { return err }

// Whatever is wrong with a snapshot, or with the stream it was made of, the
// result is that of folding what the stream shows.
func TestWrongSnapshotsChangeNothing(t *testing.T) {
	change := func(fn func(*snapshot.Snapshot)) func(*testing.T, cairn.Store, *shelf) {
		return func(t *testing.T, _ cairn.Store, s *shelf) {
			snap := s.kept["account-1"]
			snap.State = bytes.Clone(snap.State)
			fn(&snap)
			s.kept["account-1"] = snap
		}
	}
	resealed := func(fn func(*snapshot.Snapshot)) func(*testing.T, cairn.Store, *shelf) {
		return change(func(s *snapshot.Snapshot) {
			s.State = []byte(`{"Cents":1000000}`) // to be noticed if it is used
			fn(s)
			*s = s.Seal("account-1")
		})
	}
	for name, spoil := range map[string]func(*testing.T, cairn.Store, *shelf){
		"missing":            func(_ *testing.T, _ cairn.Store, s *shelf) { clear(s.kept) },
		"zero":               change(func(s *snapshot.Snapshot) { *s = snapshot.Snapshot{} }),
		"plausible bytes":    change(func(s *snapshot.Snapshot) { s.State = []byte(`{"Cents":1000000}`) }),
		"other revision":     change(func(s *snapshot.Snapshot) { s.Revision-- }),
		"other beginning":    change(func(s *snapshot.Snapshot) { s.First++ }),
		"of another stream":  func(t *testing.T, st cairn.Store, s *shelf) { s.kept["account-1"] = s.kept["account-2"] },
		"beyond the stream":  resealed(func(s *snapshot.Snapshot) { s.Revision = 1000 }),
		"at another event":   resealed(func(s *snapshot.Snapshot) { s.Event = cairn.NewID() }),
		"at no revision":     resealed(func(s *snapshot.Snapshot) { s.Revision, s.First = -1, -1 }),
		"ends before begin":  resealed(func(s *snapshot.Snapshot) { s.First = 40 }),
		"begun elsewhere":    resealed(func(s *snapshot.Snapshot) { s.First = 3 }),
		"undecodable":        resealed(func(s *snapshot.Snapshot) { s.State = []byte(`{`) }),
		"of another version": resealed(func(s *snapshot.Snapshot) { s.Version += "x" }),
		"store cannot load":  func(_ *testing.T, _ cairn.Store, s *shelf) { s.loadErr = errors.New("gone") },
		"store cannot save": func(_ *testing.T, _ cairn.Store, s *shelf) {
			clear(s.kept)
			s.saveErr = errors.New("full")
		},
		"stream truncated": func(t *testing.T, st cairn.Store, _ *shelf) {
			must(cairn.Truncate(t.Context(), st, "account-1", 20))(t)
		},
		"stream truncated behind it": func(t *testing.T, st cairn.Store, _ *shelf) {
			must(cairn.Truncate(t.Context(), st, "account-1", 32))(t)
		},
		"stream limited": func(t *testing.T, st cairn.Store, _ *shelf) {
			must(cairn.SetMetadata(t.Context(), st, "account-1", cairn.NoStream, cairn.StreamMetadata{MaxCount: 12}))(t)
		},
		"stream aged": func(t *testing.T, st cairn.Store, _ *shelf) {
			must(st.Append(t.Context(), "account-1", cairn.Any, cairn.Event{Type: "account.deposited", Data: []byte(`{"Cents":9}`), Time: long}))(t)
			must(cairn.SetMetadata(t.Context(), st, "account-1", cairn.NoStream, cairn.StreamMetadata{MaxAge: time.Hour}))(t)
		},
		"stream deleted": func(t *testing.T, st cairn.Store, _ *shelf) {
			must(cairn.DeleteStream(t.Context(), st, "account-1", cairn.Any))(t)
		},
		"stream deleted and revived": func(t *testing.T, st cairn.Store, _ *shelf) {
			must(cairn.DeleteStream(t.Context(), st, "account-1", cairn.Any))(t)
			fill(t, st, "account-1", 2)
		},
	} {
		t.Run(name, func(t *testing.T) {
			store, kept := newStore(t), newShelf()
			for _, stream := range []string{"account-1", "account-2"} {
				fill(t, store, stream, 31)
				must(0, errOf(caching(store, &counter{}, kept, 1, nil).Load(t.Context(), stream)))(t)
				fill(t, store, stream, 4)
			}
			spoil(t, store, kept)
			want, wantAt, err := over(store).Load(t.Context(), "account-1")
			if err != nil {
				t.Fatal(err)
			}
			d := caching(store, &counter{}, kept, 1, nil)
			if got, at, err := d.Load(t.Context(), "account-1"); got != want || at != wantAt || err != nil {
				t.Errorf("got %+v at %v, %v; want %+v at %v", got, at, err, want, wantAt)
			}
			res, err := d.Do(t.Context(), "account-1", deposit(1))
			if want = want.evolve(deposited{1}); err != nil || res.State != want {
				t.Errorf("got %+v, %v; want %+v", res, err, want)
			}
		})
	}
}

// Random damage to the bytes of sealed snapshots is noticed.
func TestDamagedSnapshotsChangeNothing(t *testing.T) {
	store, kept := newStore(t), newShelf()
	fill(t, store, "account-1", 35)
	d := caching(store, &counter{}, kept, 1, nil)
	want, _, _ := d.Load(t.Context(), "account-1")
	sound := maps.Clone(kept.kept)["account-1"]
	for range 500 {
		snap := sound
		for _, field := range []*[]byte{&snap.State, &snap.Sum} {
			*field = bytes.Clone(*field)
		}
		fields := [][]byte{snap.State, snap.Sum, snap.Event[:]}
		b := fields[rand.N(len(fields))]
		b[rand.N(len(b))] ^= 1 << rand.N(8)
		kept.kept["account-1"] = snap
		if got, _, err := d.Load(t.Context(), "account-1"); got != want || err != nil {
			t.Fatalf("%s: got %+v, %v", snap.State, got, err)
		}
	}
}

// An age may hide an event in the middle, if an importer brought it.
func TestSnapshotOfAStreamThatAges(t *testing.T) {
	store, kept := newStore(t), newShelf()
	fill(t, store, "account-1", 1)
	must(store.Append(t.Context(), "account-1", 0, cairn.Event{Type: "account.deposited", Data: []byte(`{"Cents":50}`), Time: long}))(t)
	fill(t, store, "account-1", 20)
	d := caching(store, &counter{}, kept, 1, nil)
	if s, _, err := d.Load(t.Context(), "account-1"); s.Cents != 71 || err != nil || kept.saves != 1 {
		t.Fatalf("%+v, %v", s, err)
	}
	must(cairn.SetMetadata(t.Context(), store, "account-1", cairn.NoStream, cairn.StreamMetadata{MaxAge: time.Hour}))(t)
	if s, _, err := d.Load(t.Context(), "account-1"); s.Cents != 21 || err != nil {
		t.Errorf("%+v, %v", s, err)
	}
}

// A truncation between the reading of a snapshot's tail and the decision.
func TestTruncationWhileLoadingFromSnapshot(t *testing.T) {
	store, kept := newStore(t), newShelf()
	fill(t, store, "account-1", 30)
	must(0, errOf(caching(store, &counter{}, kept, 1, nil).Load(t.Context(), "account-1")))(t)
	s := &trap{Store: store, read: on(1, func() {
		must(cairn.Truncate(t.Context(), store, "account-1", 25))(t)
	})}
	got, _, err := caching(s, &counter{}, kept, 1, nil).Load(t.Context(), "account-1")
	if err != nil || got.Cents != 5 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestOtherVersionsOfStates(t *testing.T) {
	store, kept := newStore(t), newShelf()
	fill(t, store, "account-1", 30)
	load := func(d func() (int64, error)) (version string) {
		cents, err := d()
		if err != nil || cents != 30 {
			t.Errorf("%d, %v", cents, err)
		}
		return kept.kept["account-1"].Version
	}
	c := &counter{}
	now := func(version int) func() (int64, error) {
		return func() (int64, error) {
			s, _, err := caching(store, c, kept, version, nil).Load(t.Context(), "account-1")
			return s.Cents, err
		}
	}
	one := load(now(1))
	if c.folded = 0; load(now(1)) != one || c.folded != 0 {
		t.Errorf("same version: folded %d", c.folded)
	}
	if c.folded = 0; load(now(2)) == one || c.folded != 30 {
		t.Errorf("other version: folded %d", c.folded)
	}
	two := kept.kept["account-1"].Version
	type state struct { // the same name with another tag
		Owner string
		Cents int64 `json:"Cents,omitempty"`
		Moves int
	}
	d := decider.New(store, events, func(s state, e event) state { s.Cents++; return s },
		&decider.Options[state, event]{Snapshots: &decider.Snapshots[state]{Store: kept, Every: 10, Version: 2}})
	if load(func() (int64, error) { s, _, err := d.Load(t.Context(), "account-1"); return s.Cents, err }) == two {
		t.Error("another type of state has the same version")
	}
	two = kept.kept["account-1"].Version
	more := codec.JSON(codec.Types[event]{"account.deposited": deposited{}, "account.lossy": lossy{}})
	d = decider.New(store, more, func(s state, e event) state { s.Cents++; return s },
		&decider.Options[state, event]{Snapshots: &decider.Snapshots[state]{Store: kept, Every: 10, Version: 2}})
	if load(func() (int64, error) { s, _, err := d.Load(t.Context(), "account-1"); return s.Cents, err }) == two {
		t.Error("another codec has the same version")
	}
}

// JSON would keep nothing of this state.
func TestStatesThatDoNotSurviveAreNotKept(t *testing.T) {
	store, kept := newStore(t), newShelf()
	fill(t, store, "account-1", 30)
	var log bytes.Buffer
	type private struct{ cents int64 }
	d := decider.New(store, events, func(s private, e event) private { return private{s.cents + 1} },
		&decider.Options[private, event]{
			Logger:    slog.New(slog.NewTextHandler(&log, nil)),
			Snapshots: &decider.Snapshots[private]{Store: kept},
		})
	d.Load(t.Context(), "account-1") // below the default of 100
	if len(kept.kept) != 0 || log.Len() != 0 {
		t.Errorf("%v %s", kept.kept, &log)
	}
	fill(t, store, "account-1", 80)
	if s, _, err := d.Load(t.Context(), "account-1"); s.cents != 110 || err != nil {
		t.Errorf("%+v, %v", s, err)
	}
	if len(kept.kept) != 0 || !bytes.Contains(log.Bytes(), []byte("export its fields")) {
		t.Errorf("%v %s", kept.kept, &log)
	}
}

func TestSnapshotsWithFunctionsOfTheUser(t *testing.T) {
	store, kept := newStore(t), newShelf()
	fill(t, store, "account-1", 30)
	type private struct{ cents int64 }
	folded := 0
	d := decider.New(store, events, func(s private, e event) private { folded++; return private{s.cents + 1} },
		&decider.Options[private, event]{Snapshots: &decider.Snapshots[private]{
			Store: kept, Every: 10,
			Marshal:   func(s private) ([]byte, error) { return fmt.Append(nil, s.cents), nil },
			Unmarshal: func(b []byte) (s private, err error) { _, err = fmt.Sscan(string(b), &s.cents); return s, err },
			Equal:     func(a, b private) bool { return a == b },
		}})
	for range 2 {
		if s, _, err := d.Load(t.Context(), "account-1"); s.cents != 30 || err != nil {
			t.Errorf("%+v, %v", s, err)
		}
	}
	if folded != 30 {
		t.Errorf("folded %d", folded)
	}
}

// A snapshot is of no use to a stream whose beginning moves, and is not made.
func TestNoSnapshotsOfStreamsThatForget(t *testing.T) {
	store, kept := newStore(t), newShelf()
	fill(t, store, "account-1", 30)
	must(cairn.SetMetadata(t.Context(), store, "account-1", cairn.NoStream, cairn.StreamMetadata{MaxCount: 20}))(t)
	must(0, errOf(caching(store, &counter{}, kept, 1, nil).Load(t.Context(), "account-1")))(t)
	if kept.saves != 0 {
		t.Errorf("%d saves", kept.saves)
	}
}

func TestSnapshotsInMemoryAndInStreams(t *testing.T) {
	store := newStore(t)
	for name, kept := range map[string]snapshot.Store{
		"memory": snapshot.NewMemory(1 << 20), "streams": snapshot.NewStreams(store, ""),
	} {
		c := &counter{}
		d := caching(store, c, kept, 1, nil)
		stream := "account-" + name
		for range 45 {
			must(d.Do(t.Context(), stream, deposit(1)))(t)
		}
		c.folded = 0
		if s, _, err := d.Load(t.Context(), stream); s.Cents != 45 || err != nil || c.folded != 5 {
			t.Errorf("%s: %+v, %v; folded %d", name, s, err, c.folded)
		}
	}
}
