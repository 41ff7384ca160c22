package projection

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn"
)

var oneBuild = Definition{Build: 1, Version: 1, Lanes: 1, Phase: Active, Query: cairn.ByType("paid")}

func TestWaitNeedsOnlyWhatMatches(t *testing.T) {
	log, ledger := newPile(), newShelf()
	log.add("a", "paid", "")
	log.add("a", "noted", "")
	begin(ledger, log, oneBuild)
	moveLanes(ledger, 1, []Checkpoint{{Position: 1}})
	for token := range cairn.Position(3) {
		if err := Wait(t.Context(), log, ledger, testName, token); err != nil {
			t.Errorf("token %d: %v", token, err)
		}
	}
}

// TestWaitPauses: the first look is at once, and pauses grow up to 25 ms.
func TestWaitPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, ledger := newPile(), newShelf()
		log.add("a", "paid", "")
		begin(ledger, log, oneBuild)
		began := time.Now()
		var looks []time.Duration
		ledger.looked = func(prefix string) {
			if prefix == testPlace.lanes(1) {
				looks = append(looks, time.Since(began)/time.Millisecond)
			}
			if len(looks) == 9 {
				moveLanes(ledger, 1, []Checkpoint{{Position: 1}})
			}
		}
		if err := Wait(t.Context(), log, ledger, testName, 1); err != nil {
			t.Fatal(err)
		}
		if got, want := fmt.Sprint(looks), "[0s 1ns 3ns 7ns 15ns 31ns 56ns 81ns 106ns]"; got != want {
			t.Errorf("looked after %s; want %s", got, want)
		}
	})
}

func TestLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, ledger := newPile(), newShelf()
		for range 9 {
			log.add("a", "paid", "")
		}
		begin(ledger, log, oneBuild)
		moveLanes(ledger, 1, []Checkpoint{{Position: 3}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		err := Wait(ctx, log, ledger, testName, 7)
		late, ok := errors.AsType[*LateError](err)
		if !ok || !errors.Is(err, ErrLate) || !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Fatalf("after %v: %v", time.Since(began), err)
		}
		if late.Need != 7 || late.At != 3 || late.Behind() != 4 || late.Build != 1 || late.Token != 7 || late.Projection != testName {
			t.Errorf("%+v", late)
		}
		if s := err.Error(); !strings.Contains(s, "4 positions behind 7") {
			t.Error(s)
		}
	})
}

// TestWaitForWhatIsNotThere: a program may ask before its runner has begun.
func TestWaitForWhatIsNotThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, ledger := newPile(), newShelf()
		log.add("a", "paid", "")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := Wait(ctx, log, ledger, testName, 1); !errors.Is(err, ErrLate) || !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
		time.AfterFunc(time.Second, func() {
			begin(ledger, log, oneBuild)
			moveLanes(ledger, 1, []Checkpoint{{Position: 1}})
		})
		if err := Wait(t.Context(), log, ledger, testName, 1); err != nil {
			t.Error(err)
		}
	})
}

func TestWaitRefuses(t *testing.T) {
	log, ledger := newPile(), newShelf()
	log.add("a", "paid", "")
	begin(ledger, log, oneBuild)
	if err := Wait(t.Context(), log, ledger, testName, 2); !errors.Is(err, cairn.ErrInvalid) {
		t.Errorf("after the end: %v", err)
	}
	if err := Wait(t.Context(), log, ledger, "No Name", 1); !errors.Is(err, cairn.ErrInvalid) {
		t.Errorf("name: %v", err)
	}
	other := newPile()
	other.add("a", "paid", "")
	if err := Wait(t.Context(), other, ledger, testName, 1); !errors.Is(err, ErrStore) {
		t.Errorf("other store: %v", err)
	}
	cause := errors.New("the client has gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	if err := Wait(ctx, log, ledger, testName, 1); !errors.Is(err, cause) || errors.Is(err, ErrLate) {
		t.Errorf("cancelled: %v", err)
	}
	ledger.failing = errors.New("no database")
	if err := Wait(t.Context(), log, ledger, testName, 1); !errors.Is(err, ledger.failing) {
		t.Errorf("down: %v", err)
	}
	ledger.failing = nil
	ledger.values[testPlace.deployment()] = "{"
	if err := Wait(t.Context(), log, ledger, testName, 1); err == nil || !strings.Contains(err.Error(), testPlace.deployment()) {
		t.Errorf("damaged: %v", err)
	}
}

// TestWaitTriesAgain: a transaction that lost is nobody's fault.
func TestWaitTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, ledger := newPile(), newShelf()
		log.add("a", "paid", "")
		begin(ledger, log, oneBuild)
		moveLanes(ledger, 1, []Checkpoint{{Position: 1}})
		ledger.failing, ledger.fault = errors.New("deadlock"), FaultAgain
		time.AfterFunc(time.Second, func() {
			ledger.mu.Lock()
			defer ledger.mu.Unlock()
			ledger.failing = nil
		})
		if err := Wait(t.Context(), log, ledger, testName, 1); err != nil {
			t.Error(err)
		}
	})
}

// TestWaitIsNotTakenInByASwitch: between reading which build is active and how far
// it is, another one is switched to, and the old one goes on.
func TestWaitIsNotTakenInByASwitch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, ledger := newPile(), newShelf()
		log.add("a", "paid", "")
		log.add("a", "paid", "")
		second := oneBuild
		second.Build = 2
		begin(ledger, log, oneBuild, second)
		moveLanes(ledger, 1, []Checkpoint{{Position: 1}})
		moveLanes(ledger, 2, []Checkpoint{{Position: 1}})
		shown, switched := false, false
		ledger.looked = func(prefix string) {
			if prefix == testPlace.lanes(1) && !switched {
				switched = true
				activate(ledger, log, 2, oneBuild, second)
				moveLanes(ledger, 1, []Checkpoint{{Position: 2}})
				time.AfterFunc(time.Second, func() {
					shown = true
					moveLanes(ledger, 2, []Checkpoint{{Position: 2}})
				})
			}
		}
		if err := Wait(t.Context(), log, ledger, testName, 2); err != nil || !shown {
			t.Errorf("shown %t, %v", shown, err)
		}
	})
}

// TestWaitNeverReturnsEarly: appends, lanes of two builds and switches move all the
// time. What readers see when Wait returns has to hold the token.
func TestWaitNeverReturnsEarly(t *testing.T) {
	log, ledger := newPile(), newShelf()
	builds := []Definition{{Build: 1, Lanes: 2, Phase: Active}, {Build: 2, Lanes: 3, Phase: Warm}}
	begin(ledger, log, builds...)
	m := &moving{log: log, ledger: ledger, builds: builds, lanes: [][]Checkpoint{make([]Checkpoint, 2), make([]Checkpoint, 3)}}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	stop := make(chan struct{})
	var runner, waiters sync.WaitGroup
	runner.Go(func() { m.run(stop) })
	for n := range 4 {
		waiters.Go(func() {
			for i := range 10 {
				token := log.add(fmt.Sprint("account-", (n*7+i)%5), "paid", "").Position
				if err := Wait(ctx, log, ledger, testName, token); err != nil {
					t.Error(err)
					return
				}
				if !m.shows(token) {
					t.Errorf("token %d was not there yet", token)
				}
			}
		})
	}
	waiters.Wait()
	close(stop)
	runner.Wait()
}

// moving is a read model on the move.
type moving struct {
	log    *pile
	ledger *shelf
	builds []Definition

	mu     sync.Mutex
	active int
	lanes  [][]Checkpoint
}

// run moves one lane of one build at a time, and switches when that is allowed.
func (m *moving) run(stop <-chan struct{}) {
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		case <-time.After(50 * time.Microsecond):
			m.step(n)
		}
	}
}

func (m *moving) step(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	info, _ := m.log.Info(context.Background())
	b := n % 2
	lane := n / 2 % len(m.lanes[b])
	m.lanes[b][lane].Position = info.Head
	moveLanes(m.ledger, b+1, m.lanes[b])
	if other := 1 - m.active; n%3 == 0 && m.least(other) >= m.most(m.active) {
		m.active = other
		activate(m.ledger, m.log, other+1, m.builds...)
	}
}

func (m *moving) least(b int) cairn.Position {
	low := m.lanes[b][0].Position
	for _, c := range m.lanes[b] {
		low = min(low, c.Position)
	}
	return low
}

func (m *moving) most(b int) (high cairn.Position) {
	for _, c := range m.lanes[b] {
		high = max(high, c.Position)
	}
	return high
}

func (m *moving) shows(token cairn.Position) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return shown(m.log, &m.builds[m.active], m.lanes[m.active], token)
}

func TestWaitKey(t *testing.T) {
	log, ledger := newPile(), newShelf()
	a, b := streamsApart(2)
	log.add(a, "paid", "")
	log.add(b, "paid", "")
	log.add(b, "noted", "")
	build := oneBuild
	build.Lanes = 2
	begin(ledger, log, build)
	lanes := make([]Checkpoint, 2)
	lanes[laneOf(a, 2)].Position = 1 // b's lane stands at zero
	moveLanes(ledger, 1, lanes)
	if err := WaitKey(t.Context(), log, ledger, testName, 3, a); err != nil {
		t.Error(err)
	}
	if err := WaitKey(t.Context(), log, ledger, testName, 3, "stream without events"); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if err := WaitKey(ctx, log, ledger, testName, 3, b); !errors.Is(err, ErrLate) {
		t.Error(err)
	}
	ledger.put(testPlace.key(1, a), map[string]any{"key": a})
	err := WaitKey(t.Context(), log, ledger, testName, 3, a)
	if e, ok := errors.AsType[*ParkedError](err); !ok || !errors.Is(err, ErrParked) || e.Key != a {
		t.Error(err)
	}
	if err := Wait(t.Context(), log, ledger, testName, 1); err != nil {
		t.Errorf("parked events count as seen: %v", err)
	}
}

// streamsApart are names of streams of different lanes.
func streamsApart(lanes int) (a, b string) {
	a = "account-0"
	for n := 1; ; n++ {
		if b = fmt.Sprint("account-", n); laneOf(b, lanes) != laneOf(a, lanes) {
			return a, b
		}
	}
}

// TestWaitKeyOutsideTheQuery: a stream that the projection is not about needs nothing.
func TestWaitKeyOutsideTheQuery(t *testing.T) {
	log, ledger := newPile(), newShelf()
	log.add("a", "paid", "")
	build := oneBuild
	build.Query = cairn.Query{{Streams: []string{"b"}}}
	begin(ledger, log, build)
	if err := WaitKey(t.Context(), log, ledger, testName, 1, "a"); err != nil {
		t.Error(err)
	}
}
