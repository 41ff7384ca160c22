package group

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/storetest"
)

func TestAssign(t *testing.T) {
	count := func(owners []string) map[string]int {
		has := map[string]int{}
		for _, o := range owners {
			has[o]++
		}
		return has
	}
	for n := 1; n <= 70; n++ {
		members := make([]string, n)
		for i := range members {
			members[i] = fmt.Sprint("m", i)
		}
		owners := assign(64, members)
		for m, k := range count(owners) {
			if k < 64/n || k > 64/n+1 {
				t.Fatalf("of %d members %s has %d of 64", n, m, k)
			}
		}
		slices.Reverse(members)
		if !slices.Equal(owners, assign(64, members)) {
			t.Fatalf("with %d members the order matters", n)
		}
	}
	before, after, moved := assign(64, []string{"a", "b", "c", "d"}), assign(64, []string{"a", "b", "c", "d", "e"}), 0
	for n := range before {
		if before[n] != after[n] {
			moved++
		}
	}
	if moved > 32 {
		t.Errorf("a fifth member moves %d of 64 partitions", moved)
	}
	if o := assign(3, nil); o[0] != "" {
		t.Errorf("nobody got %q", o)
	}
}

// What a member takes for dead depends on what it has seen itself, so standing
// still for an hour is no reason.
func TestPeers(t *testing.T) {
	start := time.Now()
	at := func(d time.Duration) time.Time { return start.Add(d) }
	living := func(p *peers) string { return fmt.Sprint(slices.Sorted(slices.Values(p.living()))) }
	beatOf := func(id string) *beat { return &beat{Member: id, Lease: 10 * time.Second} }

	p := newPeers("me", 10*time.Second)
	p.heard(beatOf("you"), at(0))
	p.heard(beatOf("me"), at(time.Hour)) // the first beat of one's own
	if got := living(p); got != "[me]" {
		t.Errorf("an hour of silence: %s", got)
	}
	p = newPeers("me", 10*time.Second)
	p.heard(beatOf("me"), at(0))
	p.heard(beatOf("you"), at(time.Second))
	p.heard(beatOf("me"), at(9*time.Second))
	if got := living(p); got != "[me you]" {
		t.Errorf("within the lease: %s", got)
	}
	// Paused for an hour: what was missed is heard in order, before one's own.
	p.heard(beatOf("you"), at(time.Hour))
	p.heard(beatOf("me"), at(time.Hour))
	if got := living(p); got != "[me you]" {
		t.Errorf("after a pause: %s", got)
	}
	gone := beatOf("you")
	gone.Leaving = true
	if !p.heard(gone, at(time.Hour)) || living(p) != "[me]" {
		t.Errorf("after goodbye: %s", living(p))
	}
	p.owned(3, standing{progress: progress{Owner: "stranger"}, revision: 5}, at(time.Hour))
	p.owned(3, standing{progress: progress{Owner: "older"}, revision: 4}, at(time.Hour))
	if p.vacant(3) || !p.vacant(4) {
		t.Error("an owner of whom nothing was heard has a lease")
	}
	p.heard(beatOf("me"), at(2*time.Hour))
	if living(p); !p.vacant(3) {
		t.Error("and no more than one")
	}
}

// A racing store lets somebody else go first, once.
type racing struct {
	cairn.Store
	once  sync.Once
	first func()
}

func (r *racing) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	r.once.Do(r.first)
	return r.Store.Commit(ctx, b)
}

func TestOnlyOneClaims(t *testing.T) {
	store := storetest.NewReference()
	defer store.Close()
	ctx := t.Context()
	b, err := join(ctx, store, "g", Options{Partitions: 1})
	if err != nil {
		t.Fatal(err)
	}
	slow := &racing{Store: store, first: func() {
		if err := b.claim(ctx, []int{0}); err != nil {
			t.Error(err)
		}
	}}
	a, err := join(ctx, slow, "g", Options{Partitions: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.claim(ctx, []int{0}); err != nil {
		t.Fatal(err)
	}
	if a.owns() != 0 || b.owns() != 1 {
		t.Errorf("the slower one owns %d, the faster %d", a.owns(), b.owns())
	}
	if err := a.claim(ctx, []int{0}); err != nil || a.owns() != 0 {
		t.Errorf("it was taken from who is there, %v", err)
	}
	a.peers.heard(&beat{Member: b.id, Leaving: true}, time.Now()) // as if b were dead
	a.claim(ctx, []int{0})
	if a.owns() != 1 || a.partitions[0].at.Epoch != 2 {
		t.Errorf("a new claim: %+v", a.partitions[0])
	}
	b.letGo(func(*partition) bool { return true })
	if err := b.round(ctx, true); err != nil || b.owns() != 0 {
		t.Errorf("who was fenced still owns %d, %v", b.owns(), err)
	}
	at, err := stand(ctx, store, "g", 0, &a.definition)
	if err != nil || at.Owner != a.id {
		t.Errorf("the owner is %+v, %v", at, err)
	}
}

// A lost answer is not a lost partition.
type forgetful struct {
	cairn.Store
	forget int
}

func (f *forgetful) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	r, err := f.Store.Commit(ctx, b)
	if f.forget--; f.forget == 0 {
		return cairn.BatchReceipt{}, cairn.ErrUnknownOutcome
	}
	return r, err
}

func TestALostAnswer(t *testing.T) {
	store := storetest.NewReference()
	defer store.Close()
	ctx := t.Context()
	f := &forgetful{Store: store}
	m, err := join(ctx, f, "g", Options{Partitions: 1})
	if err != nil {
		t.Fatal(err)
	}
	f.forget = 1
	if err := m.claim(ctx, []int{0}); err != nil || m.owns() != 1 {
		t.Fatalf("owns %d, %v", m.owns(), err)
	}
	p := m.partitions[0]
	m.begun(nil)
	e := cairn.Recorded{Stream: "s", Position: 7}
	m.offer(ctx, 0, "s", &e)
	task := m.take()
	m.finish(task, outcome{batch: &cairn.Batch{Writes: []cairn.Write{{Stream: "out", Expected: cairn.Any, Events: []cairn.Event{{Type: "x"}}}}}})
	f.forget = 1
	if err := m.round(ctx, true); err != nil {
		t.Fatal(err)
	}
	info, err := store.StreamInfo(ctx, "out")
	if err != nil || info.Last != 0 || m.owns() != 1 || p.unsettled != 0 {
		t.Errorf("written up to %d, owns %d, %d unsettled, %v", info.Last, m.owns(), p.unsettled, err)
	}
}

// Two handlers that expect the same of a stream must not share a commit.
func TestFitting(t *testing.T) {
	effectOn := func(stream string) *item {
		return &item{batch: &cairn.Batch{Writes: []cairn.Write{{Stream: stream}}}}
	}
	strict := effectOn("c")
	strict.batch.Conditions = []cairn.Condition{{}}
	p := &partition{outbox: []*item{effectOn("a"), effectOn("b"), effectOn("a"), strict, {kind: typeSkipped}, {kind: typeParked}}}
	if n := len(p.choose()); n != 4 || len(p.outbox) != 2 {
		t.Errorf("%d go together, %d stay", n, len(p.outbox))
	}
	p.alone = true
	if n := len(p.choose()); n != 1 || len(p.outbox) != 1 || !p.alone {
		t.Errorf("alone: %d go, %d stay", n, len(p.outbox))
	}
	if p.choose(); len(p.outbox) != 0 || p.alone {
		t.Error("the last one stays behind")
	}
}

// Dropping what is parked lets go what was about to be parked behind it.
func TestDroppedWhileParking(t *testing.T) {
	m := newMachine(Options{PerKey: 9, Window: 9, CheckpointAfter: 9})
	p := newPartition(0, standing{}, &ledger{shelves: map[string]*shelf{}})
	m.partitions[0], p.active, p.loaded = p, true, true
	p.ledger.fold(typeParked, &note{Key: "k", Position: 1, Error: "no"})
	for i := range 3 {
		m.offer(t.Context(), 0, "k", &cairn.Recorded{Position: cairn.Position(i + 2)})
	}
	if len(p.outbox) != 3 || m.head != nil {
		t.Fatalf("%d to be parked", len(p.outbox))
	}
	p.ledger.fold(typeDropped, &note{Key: "k"})
	m.rearrange(p)
	if l := m.lanes["k"]; len(p.outbox) != 0 || len(p.parking) != 0 || l == nil || len(l.queue) != 3 || l.queue[0].position != 2 {
		t.Errorf("%d still to be parked", len(p.outbox))
	}
}

func TestAWindowIsFull(t *testing.T) {
	m := newMachine(Options{PerKey: 9, Window: 2, CheckpointAfter: 9})
	p := newPartition(0, standing{}, &ledger{shelves: map[string]*shelf{}})
	m.partitions[0], p.active, p.loaded = p, true, true
	m.offer(t.Context(), 0, "a", &cairn.Recorded{Position: 1})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan bool)
	go func() { done <- m.offer(ctx, 0, "b", &cairn.Recorded{Position: 2}) }()
	task := m.take()
	for full := false; !full; {
		m.mu.Lock()
		full = m.full
		m.mu.Unlock()
	}
	m.finish(task, outcome{})
	if !<-done {
		t.Error("there was room")
	}
	go func() { done <- m.offer(ctx, 0, "c", &cairn.Recorded{Position: 3}) }()
	cancel()
	m.lookUp()
	if <-done {
		t.Error("the context has ended")
	}
}

func TestJitter(t *testing.T) {
	j := Jitter(time.Second, time.Minute)
	for attempt, limit := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 100: time.Minute} {
		for range 100 {
			if d := j(attempt); d < 0 || d >= limit {
				t.Fatalf("after attempt %d: %v", attempt, d)
			}
		}
	}
	if d := Jitter(0, 0)(1); d != 0 {
		t.Errorf("no backoff is %v", d)
	}
}

func TestNamesDoNotMeet(t *testing.T) {
	if n, ok := names("a-1").partition(names("a-1").progress(17)); !ok || n != 17 {
		t.Errorf("partition %d, %v", n, ok)
	}
	seen := map[string]names{}
	for _, g := range []names{"a", "a-1", "a-progress", "a-progress-1", "a-members", "a-parked-1-members"} {
		for _, s := range []string{g.definition(), g.members(), g.progress(1), g.parked(1)} {
			if other, ok := seen[s]; ok {
				t.Errorf("%q and %q share %q", g, other, s)
			}
			seen[s] = g
		}
	}
}

func TestInvalidOptions(t *testing.T) {
	store := storetest.NewReference()
	defer store.Close()
	for what, try := range map[string]struct {
		name string
		o    Options
	}{
		"no name":             {"", Options{}},
		"a long name":         {string(make([]byte, 300)), Options{}},
		"negative workers":    {"g", Options{Workers: -1}},
		"too many partitions": {"g", Options{Partitions: 5000}},
		"an empty query":      {"g", Options{Query: cairn.Query{}}},
	} {
		if _, err := join(t.Context(), store, try.name, try.o); !errors.Is(err, cairn.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := Status(t.Context(), store, "nobody's"); !errors.Is(err, ErrUnknown) {
		t.Errorf("an unknown group: %v", err)
	}
}

func FuzzProgress(f *testing.F) {
	f.Add([]byte(`{"epoch":3,"owner":"m","position":9,"unsettled":[2,5,9]}`))
	f.Add([]byte(`{"position":1,"unsettled":[0]}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parseProgress(&cairn.Recorded{Event: cairn.Event{Data: data}})
		if err != nil {
			return
		}
		if p.lowest() > p.Position {
			t.Fatalf("the lowest unsettled position of %+v is above it", p)
		}
		again, _ := json.Marshal(p)
		if q, err := parseProgress(&cairn.Recorded{Event: cairn.Event{Data: again}}); err != nil || q.lowest() != p.lowest() {
			t.Fatalf("%s: %v", again, err)
		}
	})
}

func FuzzLedger(f *testing.F) {
	f.Add([]byte(`{"key":"k","position":3,"error":"no"}`), []byte(`{"key":"k","position":3}`), uint8(2))
	f.Fuzz(func(t *testing.T, a, b []byte, kind uint8) {
		kinds := []string{typeParked, typeSkipped, typeReplay, typeEdited, typeDropped, typeResolved, typeFailed, "else"}
		l := &ledger{revision: cairn.NoStream, shelves: map[string]*shelf{}}
		l.read([]cairn.Recorded{
			{Event: cairn.Event{Type: typeParked, Data: a}},
			{Event: cairn.Event{Type: kinds[int(kind)%len(kinds)], Data: b}, Revision: 1},
		})
		for key, s := range l.shelves {
			if len(s.entries) == 0 {
				t.Fatalf("key %q is parked with nothing", key)
			}
		}
	})
}

// Which partition a key is in may never change.
func TestPartitionOf(t *testing.T) {
	for _, key := range []string{"", "order-1", "é"} {
		h := fnv.New64a()
		h.Write([]byte(key))
		if got := partitionOf(key, 64); got != int(h.Sum64()%64) {
			t.Errorf("key %q is in %d", key, got)
		}
	}
}

// A partition that is still being taken on must not be checkpointed: what is not
// read again yet would count as settled.
func TestHalfLoadedPartitionsAreNotWritten(t *testing.T) {
	m := newMachine(Options{PerKey: 9, Window: 9, CheckpointAfter: 9})
	p := newPartition(0, standing{progress: progress{Position: 99, Unsettled: []cairn.Position{5, 7}}}, &ledger{shelves: map[string]*shelf{}})
	m.partitions[0], p.dirty = p, 1
	if sends, err := m.collect("g", true); len(sends) != 0 || err != nil {
		t.Errorf("sent %+v, %v", sends[0].state, err)
	}
	if f := (&member{machine: m}); f.begun(nil) != 0 || p.active {
		t.Error("the follower covers it already")
	}
	p.loaded = true
	if f := (&member{machine: m}); f.begun(nil) != 99 {
		t.Error("the follower begins elsewhere")
	}
	if sends, err := m.collect("g", true); len(sends) != 1 || err != nil {
		t.Errorf("sent %d, %v", len(sends), err)
	}
}

// A query that changes is noted; nothing else of a group does.
func TestRedefinition(t *testing.T) {
	store := storetest.NewReference()
	defer store.Close()
	for _, q := range []cairn.Query{nil, cairn.ByType("a", "b"), cairn.ByType("a", "b"), nil} {
		m, err := join(t.Context(), store, "g", Options{Query: q, Partitions: 1 + len(q)})
		if err != nil || m.definition.Partitions != 1 {
			t.Fatalf("%+v, %v", m.definition, err)
		}
		d, err := readDefinition(t.Context(), store, "g")
		if err != nil || fmt.Sprint(d.Query) != fmt.Sprint(q) {
			t.Errorf("query is %v, not %v: %v", d.Query, q, err)
		}
	}
	if info, err := store.StreamInfo(t.Context(), names("g").definition()); err != nil || info.Last != 2 {
		t.Errorf("defined up to revision %d, %v", info.Last, err)
	}
}

// What is asked while a partition is being taken on is not missed.
func TestAskedWhileTakenOn(t *testing.T) {
	store := storetest.NewReference()
	defer store.Close()
	ctx := t.Context()
	m, err := join(ctx, store, "g", Options{Partitions: 1})
	if err != nil {
		t.Fatal(err)
	}
	n := note{Key: "k", Position: 1, Error: "no"}
	e, _ := n.event(typeParked)
	if _, err := store.Append(ctx, names("g").parked(0), cairn.NoStream, e); err != nil {
		t.Fatal(err)
	}
	p, err := m.won(ctx, 0, standing{revision: cairn.NoStream}, nil)
	if err == nil {
		err = Replay(ctx, store, "g", "k")
	}
	if err == nil {
		err = m.install(ctx, []*partition{p})
	}
	if err == nil {
		err = m.refresh(ctx)
	}
	if l := m.lanes["k"]; err != nil || l == nil || !l.replay {
		t.Errorf("the key is replayed by %+v, %v", l, err)
	}
}
