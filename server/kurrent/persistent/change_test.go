package persistent_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/kurrent/persistent"
)

func (w *world) wantFailed(what string, err error) {
	w.Helper()
	if _, ok := errors.AsType[*persistent.FailedError](err); !ok {
		w.Errorf("%s: %v", what, err)
	}
}

func TestCreateRefuses(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("s", 1)
		head := persistent.Place(5) // of the source, which stands at 0
		for what, change := range map[string]func(*persistent.Settings){
			"a batch as large as the buffer": func(s *persistent.Settings) { s.ReadBatchSize = s.HistoryBufferSize },
			"an unknown strategy":            func(s *persistent.Settings) { s.Strategy = "Random" },
			"no strategy":                    func(s *persistent.Settings) { s.Strategy = "" },
			"a negative number":              func(s *persistent.Settings) { s.MaxRetryCount = -1 },
			"a negative time":                func(s *persistent.Settings) { s.MessageTimeout = -1e9 },
			"a time too long":                func(s *persistent.Settings) { s.CheckpointAfter = 1 << 62 },
			"a negative start":               func(s *persistent.Settings) { s.Start.At = -2 },
			"a prepare position behind":      func(s *persistent.Settings) { s.Start.Prepare = 1 },
		} {
			w.wantFailed(what, w.subs.Create(w.Context(), key, settings(change), "me"))
		}
		behind := settings(func(s *persistent.Settings) { s.Start.At = head })
		w.wantFailed("a start behind the log", w.subs.Create(w.Context(), persistent.Key{Stream: persistent.All, Group: "g"}, behind, "me"))
		for _, k := range []persistent.Key{{Stream: "s"}, {Group: "g"}, {Stream: "s", Group: string(make([]byte, cairn.MaxStreamName))}} {
			w.wantFailed("names", w.subs.Create(w.Context(), k, settings(), "me"))
		}
		all, err := w.subs.List(w.Context(), "")
		if len(all) > 0 || err != nil {
			w.Errorf("%d were created, %v", len(all), err)
		}
		equal(w, "configuration", w.stored("$persistentSubscriptionConfig"), "")
	})
}

func TestCreateTwice(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create()
		for _, k := range []persistent.Key{key} {
			if err := w.subs.Create(w.Context(), k, settings(), "me"); !errors.Is(err, persistent.ErrExists) {
				w.Errorf("%v: %v", k, err)
			}
		}
		// the same streams by another division of the name
		a, b := persistent.Key{Stream: "a", Group: "b::c"}, persistent.Key{Stream: "a::b", Group: "c"}
		if err := w.subs.Create(w.Context(), a, settings(), "me"); err != nil {
			w.Fatal(err)
		}
		if err := w.subs.Create(w.Context(), b, settings(), "me"); !errors.Is(err, persistent.ErrExists) {
			w.Errorf("the same name: %v", err)
		}
		if _, err := w.subs.Get(w.Context(), b); !errors.Is(err, persistent.ErrMissing) {
			w.Errorf("the same name: %v", err)
		}
	})
}

// TestConfigurationLasts: what was created is there after a restart, as it was.
func TestConfigurationLasts(t *testing.T) {
	inWorld(t, func(w *world) {
		want := settings(func(s *persistent.Settings) {
			s.Start.At, s.ResolveLinks, s.ExtraStatistics = 7, true, true
			s.MinCheckpointCount, s.MaxCheckpointCount, s.Strategy = 10, 1, persistent.PinnedByCorrelation
		})
		if err := w.subs.Create(w.Context(), key, want, "me"); err != nil {
			w.Fatal(err)
		}
		w.crash()
		equal(w, "settings", w.info().Settings, want)
		all, err := w.subs.List(w.Context(), "s")
		if len(all) != 1 || err != nil {
			w.Errorf("%d, %v", len(all), err)
		}
		info, err := w.store.StreamInfo(w.Context(), "$persistentSubscriptionConfig")
		if err != nil || info.Metadata.MaxCount != 2 {
			w.Errorf("%+v, %v", info, err)
		}
	})
}

func TestList(t *testing.T) {
	inWorld(t, func(w *world) {
		if _, err := w.subs.List(w.Context(), "s"); !errors.Is(err, persistent.ErrMissing) {
			w.Errorf("of a stream that never had one: %v", err)
		}
		w.create()
		if err := w.subs.Create(w.Context(), persistent.Key{Stream: "t", Group: "g"}, settings(), "me"); err != nil {
			w.Fatal(err)
		}
		for stream, want := range map[string]int{"": 2, "s": 1, "t": 1} {
			all, err := w.subs.List(w.Context(), stream)
			if len(all) != want || err != nil {
				w.Errorf("%q: %d, %v", stream, len(all), err)
			}
		}
		if err := w.subs.Delete(w.Context(), key, "me"); err != nil {
			w.Fatal(err)
		}
		if all, err := w.subs.List(w.Context(), "s"); len(all) > 0 || err != nil {
			w.Errorf("after the last was deleted: %d, %v", len(all), err)
		}
	})
}

func TestUpdate(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("s", 5)
		w.create()
		c := w.connect(3)
		c.take()
		c.ack(2)
		changed := settings(func(s *persistent.Settings) { s.Start.At, s.MaxRetryCount = 4, 3 })
		if err := w.subs.Update(w.Context(), key, changed, "me"); err != nil {
			w.Fatal(err)
		}
		if _, err := c.Next(w.Context()); !errors.Is(err, persistent.ErrDropped) {
			w.Errorf("the consumer is told %v", err)
		}
		equal(w, "settings", w.info().Settings, changed)
		equal(w, "from the checkpoint", w.connect(9).take(), "2 3 4")
		w.wantFailed("nonsense", w.subs.Update(w.Context(), key, persistent.Settings{}, "me"))
		if err := w.subs.Update(w.Context(), persistent.Key{Stream: "s", Group: "h"}, changed, "me"); !errors.Is(err, persistent.ErrMissing) {
			w.Errorf("what is missing: %v", err)
		}
	})
	inWorld(t, func(w *world) {
		w.put("s", 5)
		w.create()
		w.connect(3).take()
		if err := w.subs.Update(w.Context(), key, settings(func(s *persistent.Settings) { s.Start.At = 4 }), "me"); err != nil {
			w.Fatal(err)
		}
		equal(w, "without a checkpoint", w.connect(9).take(), "4")
	})
}

// TestChangeThatFails leaves things as they were.
func TestChangeThatFails(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("s", 3)
		w.create()
		w.gate.shut.Store(true)
		for _, err := range []error{
			w.subs.Update(w.Context(), key, settings(func(s *persistent.Settings) { s.MaxRetryCount = 99 }), "me"),
			w.subs.Delete(w.Context(), key, "me"),
			w.subs.Create(w.Context(), persistent.Key{Stream: "s", Group: "h"}, settings(), "me"),
		} {
			if !errors.Is(err, errShut) {
				w.Errorf("got %v", err)
			}
		}
		w.gate.shut.Store(false)
		equal(w, "settings", w.info().Settings, settings())
		equal(w, "delivers", w.connect(9).take(), "0 1 2")
	})
}

func TestDelete(t *testing.T) {
	inWorld(t, func(w *world) {
		c := w.parkAll(3)
		if err := w.subs.Delete(w.Context(), key, "me"); err != nil {
			w.Fatal(err)
		}
		if _, err := c.Next(w.Context()); !errors.Is(err, persistent.ErrDropped) {
			w.Errorf("the consumer is told %v", err)
		}
		if err := w.subs.Delete(w.Context(), key, "me"); !errors.Is(err, persistent.ErrMissing) {
			w.Errorf("twice: %v", err)
		}
		for _, stream := range []string{checkpoints, parked} {
			info, err := w.store.StreamInfo(w.Context(), stream)
			if err != nil || info.State != cairn.StreamSoftDeleted {
				w.Errorf("%s is %v, %v", stream, info.State, err)
			}
		}
		w.crash()
		w.create(func(s *persistent.Settings) { s.MaxCheckpointCount = 1 })
		equal(w, "parked", w.info().Parked, 0)
		c = w.connect(9)
		equal(w, "from the start", c.take(), "0 1 2")
		c.ack(2)
		c.nack(1, persistent.Park)
		equal(w, "parked", w.stored(parked), "2@s")
		equal(w, "count", w.info().Parked, 1)
		w.crash()
		equal(w, "count", w.info().Parked, 1)
		equal(w, "checkpoint", w.info().Checkpoint, "2")
	})
}

// TestRestart drops consumers and reads the configuration again.
func TestRestart(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("s", 3)
		old := w.create()
		c := w.connect(2)
		c.take()
		c.ack(1)
		if err := w.subs.Restart(w.Context()); err != nil {
			w.Fatal(err)
		}
		if _, err := c.Next(w.Context()); !errors.Is(err, persistent.ErrDropped) {
			w.Errorf("the consumer is told %v", err)
		}
		if _, err := old.Connect(w.Context(), persistent.Client{Buffer: 1}); !errors.Is(err, persistent.ErrDropped) {
			w.Errorf("connecting to what has stopped: %v", err)
		}
		equal(w, "goes on", w.connect(9).take(), "1 2")
	})
}

// TestClose tells everybody, and nothing has failed by it.
func TestClose(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("s", 3)
		w.create(func(s *persistent.Settings) { s.MaxRetryCount = 0 })
		c := w.connect(3)
		c.take()
		over := errors.New("over")
		w.subs.Close(over)
		if _, err := c.Next(w.Context()); err != over {
			w.Errorf("the consumer is told %v", err)
		}
		c.Close()
		c.ack(1)
		for _, err := range []error{
			w.subs.Create(w.Context(), key, settings(), "me"), w.subs.Restart(w.Context()), w.subs.Delete(w.Context(), key, "me"),
		} {
			if !errors.Is(err, persistent.ErrClosed) {
				w.Errorf("got %v", err)
			}
		}
		equal(w, "parked", w.stored(parked), "")
		equal(w, "checkpoint", w.stored(checkpoints), "")
		w.start()
		equal(w, "all", w.connect(3).take(), "0 1 2")
	})
}

// TestDamagedConfiguration: it is not taken for an empty one, which the next change
// would make it.
func TestDamagedConfiguration(t *testing.T) {
	inWorld(t, func(w *world) {
		damaged := cairn.Event{Type: "$PersistentConfig", Data: []byte(`{"entries":[{"stream":"s"}]}`)}
		if _, err := w.store.Append(w.Context(), "$persistentSubscriptionConfig", cairn.Any, damaged); err != nil {
			w.Fatal(err)
		}
		if err := w.subs.Create(w.Context(), key, settings(), "me"); err == nil {
			w.Error("no error")
		}
		if _, err := w.subs.List(w.Context(), ""); err == nil {
			w.Error("no error")
		}
		synctest.Wait()
		good := cairn.Event{Type: "$PersistentConfig", Data: []byte(`{"entries":[]}`)}
		if _, err := w.store.Append(w.Context(), "$persistentSubscriptionConfig", cairn.Any, good); err != nil {
			w.Fatal(err)
		}
		w.create()
	})
}
