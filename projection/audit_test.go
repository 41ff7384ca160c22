package projection

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cairndb/cairn"
)

// A faulty runner applies the events of a log into tallies, and does what its
// fault does to those of one lane.
type faulty struct {
	log   *pile
	build Definition
	key   func(*cairn.Recorded) string
	upTo  []cairn.Position
	lane  int
	fault func([]cairn.Recorded) []cairn.Recorded
}

// run writes the checkpoints that the runner leaves.
func (f *faulty) run(ledger *shelf) {
	lanes := make([]Checkpoint, f.build.Lanes)
	for n := range lanes {
		var mine []cairn.Recorded
		for _, e := range f.log.chosen(selection(f.build.Query)) {
			if key, _ := keyOf(f.key, &e); laneOf(key, f.build.Lanes) == n && e.Position <= f.upTo[n] {
				mine = append(mine, e)
			}
		}
		if n == f.lane && f.fault != nil {
			mine = f.fault(mine)
		}
		for i := range mine {
			lanes[n].Add(&mine[i])
		}
		lanes[n].Position = f.upTo[n]
	}
	begin(ledger, f.log, f.build)
	moveLanes(ledger, 1, lanes)
}

// someLog has so many events of accounts, and others in between.
func someLog(n int) *pile {
	log := newPile()
	for i := range n {
		log.add(fmt.Sprint("account-", i%7), "paid", "")
		log.add("note", "noted", "")
	}
	return log
}

// TestAuditSees: each fault shows in the lane it is in, and where it can be told
// which events it was, those are named.
func TestAuditSees(t *testing.T) {
	foreign := cairn.Recorded{Position: 3, Event: cairn.Event{ID: cairn.NewID()}}
	for _, c := range []struct {
		name  string
		fault func([]cairn.Recorded) []cairn.Recorded
		want  Verdict
		run   [2]int // of the lane's events that were lost or doubled
	}{
		{"nothing", nil, OK, [2]int{-1, -1}},
		{"lost", func(e []cairn.Recorded) []cairn.Recorded { return slices.Delete(e, 2, 3) }, Lost, [2]int{2, 2}},
		{"lost batch", func(e []cairn.Recorded) []cairn.Recorded { return slices.Delete(e, 1, 5) }, Lost, [2]int{1, 4}},
		{"lost here and there", func(e []cairn.Recorded) []cairn.Recorded { return slices.Delete(slices.Delete(e, 6, 7), 0, 1) }, Lost, [2]int{-1, -1}},
		{"lost all", func(e []cairn.Recorded) []cairn.Recorded { return nil }, Lost, [2]int{0, -2}},
		{"doubled", func(e []cairn.Recorded) []cairn.Recorded { return slices.Insert(e, 3, e[3]) }, Doubled, [2]int{3, 3}},
		{"doubled batch", func(e []cairn.Recorded) []cairn.Recorded { return slices.Insert(e, 4, slices.Clone(e[1:4])...) }, Doubled, [2]int{1, 3}},
		{"foreign", func(e []cairn.Recorded) []cairn.Recorded { return append(e, foreign) }, Doubled, [2]int{-1, -1}},
		{"reordered", func(e []cairn.Recorded) []cairn.Recorded { e[1], e[2] = e[2], e[1]; return e }, Reordered, [2]int{-1, -1}},
		{"other", func(e []cairn.Recorded) []cairn.Recorded { e[1] = foreign; return e }, Different, [2]int{-1, -1}},
		{"lost one and doubled another", func(e []cairn.Recorded) []cairn.Recorded { e[1] = e[2]; return e }, Different, [2]int{-1, -1}},
		{"same place, other event", func(e []cairn.Recorded) []cairn.Recorded { e[1].ID = cairn.NewID(); return e }, Different, [2]int{-1, -1}},
	} {
		for _, lanes := range []int{1, 2} {
			log, ledger := someLog(60), newShelf()
			f := faulty{log: log, build: oneBuild, upTo: []cairn.Position{80, 111}[:lanes], lane: lanes - 1, fault: c.fault}
			f.build.Lanes = lanes
			f.run(ledger)
			report, err := Audit(t.Context(), log, ledger, testName, AuditOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Lanes) != lanes || report.OK() != (c.want == OK) || report.Head != 120 || report.Build != 1 || report.Version != 1 {
				t.Errorf("%s: %+v", c.name, report)
			}
			for n, l := range report.Lanes {
				if want := c.want; n != f.lane && l.Verdict != OK || n == f.lane && l.Verdict != want {
					t.Errorf("%s: lane %d of %d: %+v", c.name, n, lanes, l)
				}
			}
			first, last := f.places(c.run)
			if l := report.Lanes[f.lane]; l.First != first || l.Last != last {
				t.Errorf("%s: found %d to %d, not %d to %d", c.name, l.First, l.Last, first, last)
			}
		}
	}
}

// places are the positions of a lane's events.
func (f *faulty) places(run [2]int) (first, last cairn.Position) {
	var mine []cairn.Position
	for _, e := range f.log.chosen(selection(f.build.Query)) {
		if laneOf(e.Stream, f.build.Lanes) == f.lane && e.Position <= f.upTo[f.lane] {
			mine = append(mine, e.Position)
		}
	}
	if run[0] < 0 {
		return 0, 0
	}
	if run[1] < 0 {
		run[1] = len(mine) - 1
	}
	return mine[run[0]], mine[run[1]]
}

// TestAuditAgainstModel: what a random fault does is red, and no fault is green.
func TestAuditAgainstModel(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	for range 200 {
		log, ledger := someLog(10+r.IntN(40)), newShelf()
		f := faulty{log: log, build: oneBuild}
		f.build.Lanes = 1 + r.IntN(4)
		f.build.Keyed = r.IntN(2) == 0
		if f.build.Keyed {
			f.key = func(e *cairn.Recorded) string { return fmt.Sprint(e.Position % 5) }
		}
		for range f.build.Lanes {
			f.upTo = append(f.upTo, cairn.Position(r.IntN(len(log.events)+1)))
		}
		f.lane = r.IntN(f.build.Lanes)
		changed := false
		if r.IntN(3) > 0 {
			f.fault = func(e []cairn.Recorded) []cairn.Recorded {
				before := slices.Clone(e)
				e = mangled(r, e)
				changed = !slices.EqualFunc(before, e, func(a, b cairn.Recorded) bool { return a.ID == b.ID })
				return e
			}
		}
		f.run(ledger)
		report, err := Audit(t.Context(), log, ledger, testName, AuditOptions{Key: f.key})
		if err != nil || report.OK() == changed {
			t.Fatalf("changed %t: %+v, %v", changed, report, err)
		}
	}
}

func mangled(r *rand.Rand, e []cairn.Recorded) []cairn.Recorded {
	if len(e) < 2 {
		return e
	}
	i, j := r.IntN(len(e)), r.IntN(len(e))
	switch r.IntN(4) {
	case 0:
		return slices.Delete(e, min(i, j), max(i, j))
	case 1:
		return slices.Insert(e, i, e[j])
	case 2:
		e[i], e[j] = e[j], e[i]
	default:
		e[i].ID = cairn.NewID()
	}
	return e
}

// TestAuditWithoutKey: what can be said of all lanes together.
func TestAuditWithoutKey(t *testing.T) {
	key := func(e *cairn.Recorded) string { return fmt.Sprint(e.Position % 5) }
	lost := func(e []cairn.Recorded) []cairn.Recorded { return e[1:] }
	other := func(e []cairn.Recorded) []cairn.Recorded { e[0].ID = cairn.NewID(); return e }
	none := func([]cairn.Recorded) []cairn.Recorded { return nil }
	doubled := func(e []cairn.Recorded) []cairn.Recorded { return append(e, e...) }
	manyTimes := func(e []cairn.Recorded) []cairn.Recorded { return append(e, slices.Repeat(e, 20)...) }
	for _, c := range []struct {
		name  string
		upTo  []cairn.Position
		fault func([]cairn.Recorded) []cairn.Recorded
		want  Verdict
	}{
		{"level", []cairn.Position{80, 80}, nil, Unclear},
		{"level, but for others' events", []cairn.Position{79, 80}, nil, Unclear},
		{"apart", []cairn.Position{80, 90}, nil, Unclear},
		{"level and lost", []cairn.Position{80, 80}, lost, Lost},
		{"level and doubled", []cairn.Position{80, 80}, doubled, Doubled},
		{"level and other", []cairn.Position{80, 80}, other, Different},
		{"apart and lost", []cairn.Position{110, 120}, none, Lost},
		{"apart and doubled", []cairn.Position{80, 90}, manyTimes, Doubled},
		{"one lost, which cannot be seen", []cairn.Position{80, 120}, lost, Unclear},
		{"ahead", []cairn.Position{80, 121}, nil, Ahead},
	} {
		log, ledger := someLog(60), newShelf()
		f := faulty{log: log, build: oneBuild, key: key, upTo: c.upTo, fault: c.fault}
		f.build.Lanes, f.build.Keyed = 2, true
		f.run(ledger)
		report, err := Audit(t.Context(), log, ledger, testName, AuditOptions{})
		if err != nil || len(report.Lanes) != 1 || report.Lanes[0].Lane != -1 || report.Lanes[0].Verdict != c.want || report.OK() {
			t.Errorf("%s: %+v, %v", c.name, report, err)
		}
	}
}

func TestAuditOfALogThatLostItsEnd(t *testing.T) {
	log, ledger := someLog(60), newShelf()
	f := faulty{log: log, build: oneBuild, upTo: []cairn.Position{120}}
	f.run(ledger)
	log.events = log.events[:100]
	report, err := Audit(t.Context(), log, ledger, testName, AuditOptions{})
	if err != nil || report.Lanes[0].Verdict != Ahead {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestAuditRefuses(t *testing.T) {
	log, ledger := someLog(3), newShelf()
	if _, err := Audit(t.Context(), log, ledger, testName, AuditOptions{}); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	begin(ledger, log, oneBuild)
	if _, err := Audit(t.Context(), log, ledger, testName, AuditOptions{Build: 7}); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	if _, err := Audit(t.Context(), newPile(), ledger, testName, AuditOptions{}); !errors.Is(err, ErrStore) {
		t.Error(err)
	}
	delete(ledger.values, testPlace.lane(1, 0))
	if _, err := Audit(t.Context(), log, ledger, testName, AuditOptions{}); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

func TestAuditTellsProgress(t *testing.T) {
	log, ledger := someLog(10_500), newShelf()
	f := faulty{log: log, build: oneBuild, upTo: []cairn.Position{20_001}}
	f.run(ledger)
	var told []cairn.Position
	_, err := Audit(t.Context(), log, ledger, testName, AuditOptions{Progress: func(at, to cairn.Position) {
		if told = append(told, at); to != 20_001 {
			t.Errorf("up to %d", to)
		}
	}})
	if err != nil || !slices.Equal(told, []cairn.Position{10_001, 20_001}) {
		t.Errorf("told %v, %v", told, err)
	}
}

// TestAuditWhileRunnersGoOn: what a runner applies between two looks of an audit is
// not taken for events that the log has lost.
func TestAuditWhileRunnersGoOn(t *testing.T) {
	log, ledger := newPile(), newShelf()
	begin(ledger, log, Definition{Build: 1, Version: 1, Phase: Active, Lanes: 1})
	ledger.looked = func(prefix string) {
		if prefix == testPlace.lanes(1) {
			e := log.add("account-1", "paid", "")
			var c Checkpoint
			c.Add(&e)
			c.Position = e.Position
			moveLanes(ledger, 1, []Checkpoint{c})
		}
	}
	r, err := Audit(t.Context(), log, ledger, testName, AuditOptions{})
	if err != nil || !r.OK() {
		t.Errorf("got %+v, %v", r, err)
	}
}

// TestAuditOfAKeyThatPanics: it is an error, as everywhere.
func TestAuditOfAKeyThatPanics(t *testing.T) {
	log, ledger := newPile(), newShelf()
	log.add("account-1", "paid", "")
	begin(ledger, log, Definition{Build: 1, Version: 1, Phase: Active, Lanes: 2, Keyed: true})
	moveLanes(ledger, 1, []Checkpoint{{Position: 1}, {Position: 1}})
	_, err := Audit(t.Context(), log, ledger, testName, AuditOptions{Key: func(*cairn.Recorded) string { panic("oh") }})
	if _, ok := errors.AsType[*PanicError](err); !ok {
		t.Errorf("got %v", err)
	}
}
