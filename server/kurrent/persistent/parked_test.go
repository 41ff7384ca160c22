package persistent_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/kurrent/persistent"
)

// parkAll has all of some events parked.
func (w *world) parkAll(n int) *reader {
	w.Helper()
	w.put("s", n)
	w.create(func(s *persistent.Settings) { s.MaxCheckpointCount = 1 })
	c := w.connect(1000)
	c.take()
	c.nack(n, persistent.Park)
	return c
}

func (w *world) replay(stop ...int64) {
	w.Helper()
	var at *int64
	if len(stop) > 0 {
		at = &stop[0]
	}
	if err := w.get().Replay(w.Context(), at); err != nil {
		w.Fatal(err)
	}
}

func TestPark(t *testing.T) {
	inWorld(t, func(w *world) {
		w.parkAll(2)
		equal(w, "links", w.stored(parked), "0@s 1@s")
		equal(w, "checkpoint", w.stored(checkpoints), `"1"`)
		equal(w, "count", w.info().Parked, 2)
		for e, err := range w.store.ReadStream(w.Context(), parked, cairn.ReadOptions{Backward: true, Limit: 1}) {
			var m struct {
				Added, Reason           string
				SubscriptionEventNumber int
			}
			if err != nil || json.Unmarshal(e.Metadata, &m) != nil || m.Added == "" || m.SubscriptionEventNumber != 1 ||
				m.Reason != "Client explicitly NAK'ed message.\nbecause" || e.Type != "$>" || e.Format != cairn.Binary {
				w.Errorf("%+v %s, %v", m, e.Type, err)
			}
		}
	})
}

// TestReplay: what is parked comes again as if it had never failed, before what is
// new, and is cut off when it is settled.
func TestReplay(t *testing.T) {
	inWorld(t, func(w *world) {
		c := w.parkAll(5)
		w.replay(2)
		equal(w, "two", c.take(), "0p 1p")
		equal(w, "left", w.info().Parked, 3)
		equal(w, "links", w.stored(parked), "0@s 1@s 2@s 3@s 4@s")
		c.ack(2)
		equal(w, "links", w.stored(parked), "2@s 3@s 4@s")
		w.replay(2)
		equal(w, "nothing", c.take(), "")
		w.replay()
		equal(w, "the rest", c.take(), "2p 3p 4p")
		c.nack(1, persistent.Retry)
		c.nack(1, persistent.Park)
		equal(w, "again", c.take(), "2+p")
		c.ack(2)
		equal(w, "links", w.stored(parked), "3@s")
		equal(w, "left", w.info().Parked, 1)
		w.replay(100)
		equal(w, "once more", c.take(), "3p")
		c.ack(1)
		equal(w, "links", w.stored(parked), "")
		w.replay()
	})
}

// TestReplayGoesOn: what is replayed is parked until it is settled, whatever
// happens.
func TestReplayGoesOn(t *testing.T) {
	inWorld(t, func(w *world) {
		c := w.parkAll(3)
		w.replay()
		equal(w, "all", c.take(), "0p 1p 2p")
		c.ack(1)
		c.Close()
		w.stored(parked)
		bytes, _, runs := w.get().Held()
		if bytes != 0 || runs {
			w.Errorf("%d bytes are held, runs %v", bytes, runs)
		}
		c = w.connect(2)
		equal(w, "the next", c.take(), "1+p 2+p")
		w.crash()
		equal(w, "parked after a crash", w.info().Parked, 3)
		c = w.connect(2)
		equal(w, "of itself", c.take(), "")
		w.replay()
		equal(w, "again", c.take(), "0p 1p")
		c.ack(2)
		equal(w, "again", c.take(), "2p")
		c.ack(1)
		equal(w, "left", w.info().Parked, 0)
		equal(w, "links", w.stored(parked), "")
	})
}

// TestReplayMany: more than fit are read as there is room.
func TestReplayMany(t *testing.T) {
	inWorld(t, func(w *world) {
		c := w.parkAll(300)
		equal(w, "count", w.info().Parked, 300)
		c.Close()
		w.replay()
		c = w.connect(1)
		for n := range 300 {
			if got := c.take(); got != fmt.Sprint(n, "p") {
				w.Fatalf("%d is %q", n, got)
			}
			c.ack(1)
		}
		equal(w, "links", w.stored(parked), "")
	})
}

// TestReplayOutOfOrder: what was settled is cut off up to what was not.
func TestReplayOutOfOrder(t *testing.T) {
	inWorld(t, func(w *world) {
		c := w.parkAll(300)
		w.replay()
		for len(c.has) < 300 {
			c.take()
		}
		c.has = append(c.has[:150:150], c.has[151:]...)
		c.ack(299)
		// What is settled is hidden a hundred at a time, so less than a hundred of it
		// may come again, and the slow one does.
		first, _, _ := strings.Cut(strings.Fields(w.stored(parked))[0], "@")
		hidden, err := strconv.Atoi(first)
		if err != nil || hidden < 100 || hidden > 150 {
			w.Errorf("hidden are those before %s, want 100 to 150", first)
		}
		w.crash()
		equal(w, "parked", w.info().Parked, int64(300-hidden))
		c = w.connect(1)
		w.replay(301)
		equal(w, "again", c.take(), first+"p")
	})
}

func TestReplayRefuses(t *testing.T) {
	inWorld(t, func(w *world) {
		c := w.parkAll(50)
		negative := int64(-1)
		refused := func(err error) {
			t.Helper()
			if _, ok := errors.AsType[*persistent.FailedError](err); !ok {
				w.Errorf("got %v", err)
			}
		}
		refused(w.get().Replay(w.Context(), &negative))
		c.Close()
		c = w.connect(1)
		w.replay()
		c.take()
		refused(w.get().Replay(w.Context(), nil))
		equal(w, "status", w.info().Status, "Live, ReplayingParkedMessages")
	})
}

func TestTruncateParked(t *testing.T) {
	inWorld(t, func(w *world) {
		c := w.parkAll(5)
		three := int64(3)
		if err := w.get().Truncate(w.Context(), &three); err != nil {
			w.Fatal(err)
		}
		equal(w, "count", w.info().Parked, 2)
		equal(w, "links", w.stored(parked), "3@s 4@s")
		w.replay()
		equal(w, "the rest", c.take(), "3p 4p")
		if err := w.get().Truncate(w.Context(), nil); err != nil {
			w.Fatal(err)
		}
		equal(w, "links", w.stored(parked), "")
		c.ack(1)
		c.nack(1, persistent.Park)
		equal(w, "parked again", w.stored(parked), "4@s")
		equal(w, "count", w.info().Parked, 1)
	})
}

// TestParkReason: a reason of any length is no reason not to park.
func TestParkReason(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("s", 2)
		w.create()
		c := w.connect(2)
		c.take()
		long := strings.Repeat("ä", 20<<20)
		c.answer(2, func(id cairn.ID) { c.Nack(persistent.Park, long, id) })
		equal(w, "links", w.stored(parked), "0@s 1@s")
		bytes, _, _ := w.get().Held()
		equal(w, "bytes held", bytes, 0)
	})
}

// TestParkedTargetIsGone: a link that leads nowhere is delivered as such.
func TestParkedTargetIsGone(t *testing.T) {
	inWorld(t, func(w *world) {
		c := w.parkAll(1)
		if _, err := cairn.DeleteStream(w.Context(), w.store, "s", cairn.Any); err != nil {
			w.Fatal(err)
		}
		w.replay()
		equal(w, "a link", c.take(), "?p")
		c.nack(1, persistent.Park)
		equal(w, "parked again", w.stored(parked), "0@s")
	})
}
