package persistent_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/kurrent/persistent"
)

func TestDeliverAndAcknowledge(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("s", 3)
		w.create()
		c := w.connect(2)
		equal(w, "as many as it takes", c.take(), "0 1")
		c.ack(1)
		equal(w, "after one", c.take(), "2")
		c.ack(2)
		w.put("s", 2)
		equal(w, "what comes later", c.take(), "3 4")
	})
}

// TestRetryBeforeNew: what took too long, or was given back, comes before what is
// new, and at most so many times.
func TestRetryBeforeNew(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("s", 3)
		w.create(func(s *persistent.Settings) { s.MaxRetryCount = 3 })
		c := w.connect(1)
		for _, want := range []string{"0", "0+", "0++", "0+++"} {
			equal(w, "too late", c.take(), want)
			c.has = nil
			time.Sleep(30 * time.Second)
		}
		equal(w, "after it was parked", c.take(), "1")
		c.nack(1, persistent.Retry)
		equal(w, "given back", c.take(), "1+")
		c.nack(1, persistent.Unknown)
		equal(w, "given back", c.take(), "1++")
		c.nack(1, persistent.Skip)
		equal(w, "skipped", c.take(), "2")
		c.nack(1, persistent.Stop)
		equal(w, "stopped", c.take(), "")
		w.put("s", 1)
		equal(w, "and yet goes on", c.take(), "3")
		equal(w, "parked", w.stored(parked), "0@s")
	})
}

func TestRetryBehindThoseInFlight(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("s", 3)
		w.create()
		c := w.connect(10)
		equal(w, "all", c.take(), "0 1 2")
		c.answer(1, func(cairn.ID) {})
		c.ack(2)
		time.Sleep(29 * time.Second)
		equal(w, "in time", c.take(), "")
		time.Sleep(time.Second)
		equal(w, "too late", c.take(), "0+")
	})
}

// TestNoTimeout: a timeout of zero is none.
func TestNoTimeout(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("s", 1)
		w.create(func(s *persistent.Settings) { s.MessageTimeout = 0 })
		c := w.connect(10)
		equal(w, "it", c.take(), "0")
		time.Sleep(time.Hour)
		equal(w, "nothing more", c.take(), "")
		c.ack(1)
		_, unsettled, _ := w.get().Held()
		equal(w, "unsettled", unsettled, 0)
	})
}

// TestGone: what a consumer leaves behind goes to others, in order; what it never
// took has not failed.
func TestGone(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create()
		a, b := w.connect(4), w.connect(1)
		w.put("s", 6) // when both are there
		equal(w, "a", a.take(), "0 2 3 4")
		equal(w, "b", b.take(), "1")
		w.put("s", 2)
		a.ack(1)
		a.Close()
		a.Close()
		b.ack(1)
		for _, want := range []string{"2+", "3+", "4+", "5", "6"} {
			equal(w, "b", b.take(), want)
			b.ack(1)
		}
		if got := a.take(); got != persistent.ErrClosed.Error() {
			w.Errorf("a is told %s", got)
		}
	})
}

// TestGoneTooOften: a consumer that dies of an event does not do so for ever.
func TestGoneTooOften(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("s", 1)
		w.create(func(s *persistent.Settings) { s.MaxRetryCount = 2 })
		for _, want := range []string{"0", "0+", "0++", ""} {
			c := w.connect(1)
			equal(w, "it", c.take(), want)
			c.Close()
		}
		equal(w, "parked", w.stored(parked), "0@s")
	})
}

// TestForgets: without consumers nothing is held and nothing runs, and who comes
// back finds everything, with its count.
func TestForgets(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("s", 100)
		w.create()
		c := w.connect(3)
		equal(w, "three", c.take(), "0 1 2")
		c.answer(1, func(cairn.ID) {})
		c.ack(1)
		c.take()
		c.Close()
		w.stored(checkpoints)
		bytes, unsettled, runs := w.get().Held()
		if bytes != 0 || unsettled > 3 || runs {
			w.Errorf("%d bytes, %d events, runs %v", bytes, unsettled, runs)
		}
		before := w.read.Load()
		w.put("s", 10)
		equal(w, "read meanwhile", w.read.Load(), before)
		c = w.connect(5)
		equal(w, "again", c.take(), "0+ 2+ 3+ 4 5")
	})
}

// TestForgetsWhatIsGone: what cannot be read again any more is settled.
func TestForgetsWhatIsGone(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("s", 4)
		w.create()
		c := w.connect(3)
		c.take()
		c.Close()
		if _, err := cairn.Truncate(w.Context(), w.store, "s", 2); err != nil {
			w.Fatal(err)
		}
		c = w.connect(3)
		equal(w, "what is left", c.take(), "2+ 3")
		c.ack(2)
		c.Close()
		equal(w, "checkpoint", w.stored(checkpoints), `"3"`)
	})
}

// TestBuffers: no more is read than there is room for, in batches.
func TestBuffers(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("s", 100)
		w.create(func(s *persistent.Settings) { s.HistoryBufferSize, s.ReadBatchSize, s.LiveBufferSize = 10, 5, 10 })
		c := w.connect(2)
		c.take()
		equal(w, "read at first", w.read.Load(), 13) // two out, ten wait, one in the reader's hand
		for range 4 {
			c.ack(1)
			c.take()
		}
		equal(w, "read without room for a batch", w.read.Load(), 13)
		c.ack(2)
		c.take()
		equal(w, "read with it", w.read.Load(), 19)
	})
}

// TestHeldBytes: few events are held if they are large.
func TestHeldBytes(t *testing.T) {
	inWorld(t, func(w *world) {
		w.most = 100 << 10
		w.restart()
		for range 20 {
			if _, err := w.store.Append(w.Context(), "s", cairn.Any, cairn.Event{Type: "x", Data: make([]byte, 40<<10)}); err != nil {
				w.Fatal(err)
			}
		}
		w.create()
		c, total := w.connect(100), 0
		for {
			c.take()
			bytes, _, _ := w.get().Held()
			if bytes > 200<<10 {
				w.Fatalf("%d bytes are held", bytes)
			}
			if len(c.has) == 0 {
				break
			}
			total += len(c.has)
			c.ack(len(c.has))
		}
		equal(w, "delivered", total, 20)
	})
}

// TestSameID: an event that is stored more than once is answered for as often.
func TestSameID(t *testing.T) {
	inWorld(t, func(w *world) {
		same := cairn.Event{ID: cairn.NewID(), Type: "x", Data: []byte("x")}
		if _, err := w.store.Append(w.Context(), "s", cairn.NoStream, same, same, same); err != nil {
			w.Fatal(err)
		}
		w.create()
		c := w.connect(10)
		equal(w, "all", c.take(), "x x x")
		c.ack(2)
		c.Ack(cairn.NewID())
		_, unsettled, _ := w.get().Held()
		equal(w, "unsettled", unsettled, 1)
		c.ack(1)
		_, unsettled, _ = w.get().Held()
		equal(w, "unsettled", unsettled, 0)
	})
}

// TestUnreadable: consumers are told, and may try again.
func TestUnreadable(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("s", 1)
		w.create()
		w.fails.Store(true)
		c := w.connect(1)
		if got := c.take(); got != errShut.Error() {
			w.Errorf("got %s", got)
		}
		c.Close()
		w.fails.Store(false)
		equal(w, "again", w.connect(1).take(), "0")
	})
}

func TestRefusesConsumers(t *testing.T) {
	inWorld(t, func(w *world) {
		s := w.create(func(s *persistent.Settings) { s.MaxSubscriberCount = 1 })
		_, err := s.Connect(w.Context(), persistent.Client{})
		if _, ok := errors.AsType[*persistent.FailedError](err); !ok {
			w.Errorf("without a buffer: %v", err)
		}
		c := w.connect(1)
		if _, err := s.Connect(w.Context(), persistent.Client{Buffer: 1}); !errors.Is(err, persistent.ErrFull) {
			w.Errorf("a second: %v", err)
		}
		c.Close()
		w.connect(1)
		if _, err := w.subs.Get(w.Context(), persistent.Key{Stream: "s", Group: "h"}); !errors.Is(err, persistent.ErrMissing) || !strings.Contains(err.Error(), "s::h") {
			w.Errorf("another: %v", err)
		}
	})
}

// TestNotTaken: what a consumer does not take goes to others, and has not failed.
func TestNotTaken(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create()
		a, b := w.connect(2), w.connect(2)
		w.put("s", 4)
		equal(w, "b", b.take(), "1 3")
		b.ack(2)
		got := ""
		for len(got) < 3 {
			time.Sleep(30 * time.Second)
			got = strings.TrimSpace(got + " " + b.take())
			b.ack(len(b.has))
		}
		if got != "0 2" && got != "2 0" {
			w.Errorf("of the other: %s", got)
		}
		b.Close()
		w.put("s", 2)
		time.Sleep(time.Hour)
		equal(w, "waiting for a", a.Queued(), 2)
	})
}
