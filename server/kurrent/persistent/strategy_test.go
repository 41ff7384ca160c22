package persistent_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/kurrent/persistent"
)

func by(strategy string) func(*persistent.Settings) {
	return func(s *persistent.Settings) { s.Strategy = strategy }
}

func TestRoundRobin(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create(by(persistent.RoundRobin))
		a, b, c := w.connect(2), w.connect(2), w.connect(3)
		w.put("s", 9)
		equal(w, "a", a.take(), "0 3")
		equal(w, "b", b.take(), "1 4")
		equal(w, "c", c.take(), "2 5 6")
		a.ack(2)
		equal(w, "a", a.take(), "7 8")
		b.Close()
		equal(w, "nobody has room", a.take()+c.take(), "")
		c.ack(1)
		equal(w, "c", c.take(), "1+")
		a.ack(1)
		equal(w, "a", a.take(), "4+")
	})
}

func TestDispatchToSingle(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create(by(persistent.DispatchToSingle))
		a, b := w.connect(2), w.connect(2)
		w.put("s", 5)
		equal(w, "a", a.take(), "0 1")
		equal(w, "b", b.take(), "2 3")
		a.ack(1)
		equal(w, "a", a.take(), "4")
		a.ack(2)
		b.ack(2)
		w.put("s", 2)
		equal(w, "a", a.take(), "5 6")
		equal(w, "b", b.take(), "")
	})
}

// keyed appends links to events of many streams, which is what tells them apart
// when they are pinned.
func (w *world) keyed(keys ...int) {
	w.Helper()
	for _, k := range keys {
		e := cairn.Event{Type: "$>", Format: cairn.Binary, Data: fmt.Appendf(nil, "0@key-%d", k)}
		if _, err := w.store.Append(w.Context(), "s", cairn.Any, e); err != nil {
			w.Fatal(err)
		}
	}
}

// keys are those of which a consumer has something.
func (r *reader) keys() map[string]bool {
	all := map[string]bool{}
	for _, d := range r.has {
		_, k, _ := strings.Cut(string(d.Data), "@")
		all[k] = true
	}
	return all
}

func numbers(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// apart fails if two consumers have something of the same key.
func apart(w *world, all ...*reader) {
	w.Helper()
	who := map[string]int{}
	for i, r := range all {
		for k := range r.keys() {
			if before, ok := who[k]; ok {
				w.Errorf("%s is with %d and with %d", k, before, i)
			}
			who[k] = i
		}
	}
}

// TestPinned: a key stays with its consumer, and who is full holds up nobody else.
func TestPinned(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create(by(persistent.Pinned))
		a, b := w.connect(200), w.connect(200)
		w.keyed(numbers(100)...)
		w.keyed(numbers(100)...)
		a.take()
		b.take()
		apart(w, a, b)
		if len(a.has)+len(b.has) != 200 || len(a.has) < 60 || len(b.has) < 60 {
			w.Errorf("%d and %d", len(a.has), len(b.has))
		}
		mine := b.keys()
		b.ack(len(b.has))

		// a goes on holding all it has; the third takes over nothing of that
		c := w.connect(500)
		w.keyed(numbers(100)...)
		a.take()
		b.take()
		c.take()
		apart(w, a, b, c)
		for k := range b.keys() {
			if !mine[k] {
				w.Errorf("%s has moved to one that was there before", k)
			}
		}
		if len(c.has) == 0 {
			w.Error("the third has nothing")
		}
		a.ack(len(a.has))
		a.take()
		b.take()
		c.take()
		apart(w, a, b, c)

		c.Close() // what it had goes to the others
		a.take()
		b.take()
		apart(w, a, b)
		a.ack(len(a.has))
		b.ack(len(b.has))
		_, unsettled, _ := w.get().Held()
		equal(w, "unsettled", unsettled, 0)
	})
}

// TestPinnedOvertakes: what must wait for its consumer is passed by what must not,
// and is not lost when everybody has gone.
func TestPinnedOvertakes(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create(by(persistent.Pinned))
		a, b := w.connect(1), w.connect(1000)
		w.keyed(numbers(100)...)
		a.take()
		b.take()
		equal(w, "a", len(a.has), 1)
		if len(b.has) < 30 {
			w.Errorf("b has %d", len(b.has))
		}
		b.ack(len(b.has))
		b.take()
		a.Close()
		b.Close()
		w.stored(checkpoints)
		if bytes, _, _ := w.get().Held(); bytes != 0 {
			w.Errorf("%d bytes are held", bytes)
		}
		c := w.connect(1000)
		c.take()
		equal(w, "left", len(c.has)+len(b.has), len(c.has))
		c.ack(len(c.has))
		_, unsettled, _ := w.get().Held()
		equal(w, "unsettled", unsettled, 0)
		synctest.Wait()
		w.restart()
		equal(w, "all was settled", w.info().Checkpoint, "99")
	})
}

// TestPinnedByCorrelation: by what events say they belong to, or their stream.
func TestPinnedByCorrelation(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create(by(persistent.PinnedByCorrelation))
		a, b := w.connect(1000), w.connect(1000)
		for i := range 200 {
			e := cairn.Event{Type: "x", Data: fmt.Appendf(nil, "0@c-%d", i%50), Metadata: fmt.Appendf(nil, `{"$correlationId":"c-%d"}`, i%50)}
			if i%50 == 0 {
				e.Metadata = []byte("no JSON")
			}
			if _, err := w.store.Append(w.Context(), "s", cairn.Any, e); err != nil {
				w.Fatal(err)
			}
		}
		a.take()
		b.take()
		apart(w, a, b)
		if len(a.has)+len(b.has) != 200 || len(a.has) < 40 || len(b.has) < 40 {
			w.Errorf("%d and %d", len(a.has), len(b.has))
		}
	})
}
