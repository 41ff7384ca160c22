package projection

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cairndb/cairn"
)

// TestFrontierAgainstModel: for random logs, lanes and tokens, what is said to be
// shown is, and what is shown is said to be, after as many looks as it takes.
func TestFrontierAgainstModel(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	for range 400 {
		log := newPile()
		for range r.IntN(60) {
			log.add(fmt.Sprint("account-", r.IntN(6)), fmt.Sprint("t", r.IntN(3)), "{}")
		}
		b := Definition{Lanes: 1 + r.IntN(4), Keyed: r.IntN(4) == 0}
		if r.IntN(2) == 0 {
			b.Query = cairn.ByType("t0", "t1")
		}
		token := cairn.Position(r.IntN(len(log.events) + 1))
		lanes := make([]Checkpoint, b.Lanes)
		a := allLanes(&b, token)
		for range 40 {
			need, at, err := a.behind(t.Context(), log, lanes)
			if err != nil {
				t.Fatal(err)
			}
			if said, is := need <= at, shown(log, &b, lanes, token); said != is {
				t.Fatalf("lanes %v, token %d, %+v: said %t, is %t", lanes, token, b, said, is)
			}
			n := r.IntN(len(lanes))
			lanes[n].Position += cairn.Position(r.IntN(8))
		}
	}
}

// shown is what Wait promises, by looking at every event.
func shown(log *pile, b *Definition, lanes []Checkpoint, token cairn.Position) bool {
	for _, e := range log.chosen(selection(b.Query)) {
		if e.Position > token {
			break
		}
		for n, c := range lanes {
			mine := b.Keyed && b.Lanes > 1 || n == laneOf(e.Stream, b.Lanes)
			if mine && c.Position < e.Position {
				return false
			}
		}
	}
	return true
}

// TestFrontierReadsLittle: a lane that stands still while others are busy costs a
// few reads at most in one look, and no event is read twice.
func TestFrontierReadsLittle(t *testing.T) {
	log := newPile()
	for range 5000 {
		log.add("busy", "t", "")
	}
	b := Definition{Lanes: 2}
	busy := laneOf("busy", 2)
	lanes := make([]Checkpoint, 2)
	lanes[busy].Position = 5000
	a := allLanes(&b, 5000)
	looks := 0
	for need, at := cairn.Position(1), cairn.Position(0); need > at; looks++ {
		before := log.reads
		var err error
		if need, at, err = a.behind(t.Context(), log, lanes); err != nil {
			t.Fatal(err)
		}
		if n := log.reads - before; n > 2*mostAhead {
			t.Fatalf("%d events in one look", n)
		}
	}
	if log.reads != 5000 {
		t.Errorf("read %d events", log.reads)
	}
	if lanes[1-busy].Position = 5000; looks < 4 {
		t.Errorf("%d looks", looks)
	}
}

func TestFrontierOfOneLaneReadsOneEvent(t *testing.T) {
	log := newPile()
	for range 100 {
		log.add("a", "t", "")
	}
	lanes := []Checkpoint{{Position: 10}}
	a := allLanes(&Definition{Lanes: 1}, 100)
	for range 5 {
		if need, at, err := a.behind(t.Context(), log, lanes); need != 100 || at != 10 || err != nil {
			t.Fatal(need, at, err)
		}
	}
	if log.reads != 1 {
		t.Errorf("read %d events", log.reads)
	}
}
