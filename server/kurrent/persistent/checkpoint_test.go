package persistent_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/kurrent/persistent"
)

func TestCheckpointByCount(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("s", 20)
		w.create(func(s *persistent.Settings) { s.MaxCheckpointCount, s.CheckpointAfter = 4, 0 })
		c := w.connect(20)
		c.take()
		c.ack(3)
		equal(w, "too few", w.stored(checkpoints), "")
		c.ack(1)
		equal(w, "enough", w.stored(checkpoints), `"3"`)
		c.answer(1, func(cairn.ID) {})
		c.ack(9)
		equal(w, "but for one", w.stored(checkpoints), `"3"`)
	})
}

// TestCheckpointStaysBehind: the checkpoint is never beyond what is not settled,
// whatever comes of what is behind it.
func TestCheckpointStaysBehind(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("s", 10)
		w.create(func(s *persistent.Settings) { s.MaxCheckpointCount, s.MaxRetryCount = 1, 1 })
		c := w.connect(10)
		c.take()
		slow := c.has[2].ID
		c.ack(2)
		equal(w, "two", w.stored(checkpoints), `"1"`)
		c.has = c.has[1:]
		c.ack(3)
		c.nack(2, persistent.Park)
		c.nack(1, persistent.Skip)
		equal(w, "held up", w.stored(checkpoints), `"1"`)
		c.Nack(persistent.Retry, "", slow)
		equal(w, "held up", w.stored(checkpoints), `"1"`)
		equal(w, "again", c.take(), "2+")
		c.Ack(slow)
		equal(w, "free", w.stored(checkpoints), `"1" "8"`)
	})
}

// TestParkedIsSettledWhenStored: a crash between the two parks it again, or
// delivers it again, and never loses it.
func TestParkedIsSettledWhenStored(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("s", 2)
		w.create(func(s *persistent.Settings) { s.MaxCheckpointCount = 1 })
		c := w.connect(2)
		c.take()
		w.gate.shut.Store(true)
		c.nack(1, persistent.Park)
		c.ack(1)
		equal(w, "checkpoint", w.stored(checkpoints), "")
		_, unsettled, _ := w.get().Held()
		equal(w, "unsettled", unsettled, 1)
		w.gate.shut.Store(false)
		time.Sleep(time.Second)
		equal(w, "parked when it can be", w.stored(parked), "0@s")
		equal(w, "checkpoint", w.stored(checkpoints), `"1"`)
	})
}

// TestCheckpointByTime: when so much time has gone by since the first event was
// settled, if there were enough by then.
func TestCheckpointByTime(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("s", 100)
		w.create(func(s *persistent.Settings) { s.MessageTimeout = 0 })
		c := w.connect(100)
		c.take()
		c.ack(9)
		time.Sleep(time.Minute)
		equal(w, "too few", w.stored(checkpoints), "")
		c.ack(1)
		equal(w, "enough", w.stored(checkpoints), `"9"`)
		c.ack(10)
		time.Sleep(1999 * time.Millisecond)
		equal(w, "too early", w.stored(checkpoints), `"9"`)
		time.Sleep(time.Millisecond)
		equal(w, "in time", w.stored(checkpoints), `"9" "19"`)
		for range 4 {
			c.ack(10)
			time.Sleep(2 * time.Second)
			synctest.Wait()
		}
		equal(w, "few can be read", w.stored(checkpoints), `"19" "29" "39" "49" "59"`)
	})
}

// TestGoesOn: a server that is started goes on behind the checkpoint.
func TestGoesOn(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("s", 10)
		w.create()
		c := w.connect(5)
		c.take()
		c.ack(3)
		w.restart()
		equal(w, "in good order", w.stored(checkpoints), `"2"`)
		c = w.connect(2)
		equal(w, "from there", c.take(), "3 4")
		c.ack(2)
		c.take()
		w.crash()
		equal(w, "after a crash", w.stored(checkpoints), `"2"`)
		equal(w, "from there", w.connect(3).take(), "3 4 5")
		equal(w, "known", w.info().Checkpoint, "2")
	})
}

// TestEndStaysWhereItWas: it is that of the time of creation, whoever connects when.
func TestEndStaysWhereItWas(t *testing.T) {
	atEnd := func(s *persistent.Settings) { s.Start.End = true }
	inWorld(t, func(w *world) {
		w.put("s", 3)
		w.create(atEnd)
		equal(w, "status", w.info().Status, "Live")
		w.put("s", 2)
		w.crash()
		w.put("s", 1)
		c := w.connect(9)
		equal(w, "what came after", c.take(), "3 4 5")
		if err := w.subs.Update(w.Context(), key, settings(atEnd, func(s *persistent.Settings) { s.MaxRetryCount = 99 }), "me"); err != nil {
			w.Fatal(err)
		}
		equal(w, "after an update", w.connect(9).take(), "3 4 5")
		equal(w, "start", func() string { i := w.info(); return i.StartFrom() }(), "-1")
	})
}

func TestStarts(t *testing.T) {
	from := func(p persistent.Place) func(*persistent.Settings) {
		return func(s *persistent.Settings) { s.Start.At = p }
	}
	for place, want := range map[persistent.Place]string{0: "0 1 2", 1: "1 2", 2: "2", 3: ""} {
		inWorld(t, func(w *world) {
			w.put("s", 3)
			w.create(from(place))
			equal(w, "from there", w.connect(9).take(), want)
		})
	}
	inWorld(t, func(w *world) {
		w.create(from(2))
		w.put("s", 4)
		equal(w, "from what is to come", w.connect(9).take(), "2 3")
	})
}
