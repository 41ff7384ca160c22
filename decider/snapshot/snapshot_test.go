package snapshot_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/decider/snapshot"
	"github.com/cairndb/cairn/storetest"
)

func sample(n cairn.Revision) snapshot.Snapshot {
	return snapshot.Snapshot{
		Revision: n, Event: cairn.NewID(), First: 2, Version: "1-ab", State: fmt.Appendf(nil, `{"N":%d}`, n),
	}.Seal("order-1")
}

func TestSealCoversEverything(t *testing.T) {
	sound := sample(7)
	if !sound.Sealed("order-1") || sound.Sealed("order-2") {
		t.Error("a seal is of one stream")
	}
	for name, change := range map[string]func(*snapshot.Snapshot){
		"revision": func(s *snapshot.Snapshot) { s.Revision++ },
		"event":    func(s *snapshot.Snapshot) { s.Event[15]++ },
		"first":    func(s *snapshot.Snapshot) { s.First-- },
		"version":  func(s *snapshot.Snapshot) { s.Version += "c" },
		"state":    func(s *snapshot.Snapshot) { s.State = []byte(`{"N":8}`) },
		"sum":      func(s *snapshot.Snapshot) { s.Sum = s.Sum[:31] },
		"no sum":   func(s *snapshot.Snapshot) { s.Sum = nil },
		// The same bytes, divided otherwise.
		"border": func(s *snapshot.Snapshot) { s.Version, s.State = "1-ab{", []byte(`"N":7}`) },
	} {
		s := sound
		if change(&s); s.Sealed("order-1") {
			t.Errorf("%s: a change is not noticed", name)
		}
	}
}

func stores(t *testing.T) (cairn.Store, map[string]snapshot.Store) {
	events := storetest.NewReference()
	t.Cleanup(func() { events.Close() })
	return events, map[string]snapshot.Store{
		"memory": snapshot.NewMemory(1 << 20), "streams": snapshot.NewStreams(events, ""), "prefix": snapshot.NewStreams(events, "mine-"),
	}
}

func TestStoresKeepTheLatest(t *testing.T) {
	_, all := stores(t)
	for name, s := range all {
		if _, ok, err := s.Load(t.Context(), "order-1"); ok || err != nil {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
		for n := range cairn.Revision(3) {
			want := sample(n)
			if err := s.Save(t.Context(), "order-1", want); err != nil {
				t.Fatal(name, err)
			}
			got, ok, err := s.Load(t.Context(), "order-1")
			if err != nil || !ok || !reflect.DeepEqual(got, want) || !got.Sealed("order-1") {
				t.Errorf("%s: got %+v, %v, %v; want %+v", name, got, ok, err, want)
			}
		}
	}
}

func TestStreamsHoldOneEvent(t *testing.T) {
	events, all := stores(t)
	for n := range cairn.Revision(5) {
		all["streams"].Save(t.Context(), "order-1", sample(n))
	}
	got, err := cairn.Collect(events.ReadStream(t.Context(), "$snapshot-order-1", cairn.ReadOptions{}))
	if err != nil || len(got) != 1 || got[0].Revision != 4 || got[0].Type != snapshot.Type || string(got[0].Data) != `{"N":4}` {
		t.Errorf("%+v, %v", got, err)
	}
	info, err := events.StreamInfo(t.Context(), "$snapshot-order-1")
	if err != nil || info.Metadata.MaxCount != 1 || info.MetadataRevision != 0 {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestStreamsWithSomethingElseIn(t *testing.T) {
	events, all := stores(t)
	for name, e := range map[string]cairn.Event{
		"other": {Type: "order.placed", Metadata: []byte(`{}`)}, "bare": {Type: snapshot.Type},
	} {
		events.Append(t.Context(), "$snapshot-"+name, cairn.Any, e)
		if _, ok, err := all["streams"].Load(t.Context(), name); ok || err == nil || !strings.Contains(err.Error(), "not a snapshot") {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
	cairn.TombstoneStream(t.Context(), events, "$snapshot-gone", cairn.Any)
	if _, ok, err := all["streams"].Load(t.Context(), "gone"); ok || !errors.Is(err, cairn.ErrStreamDeleted) {
		t.Error(ok, err)
	}
	if err := all["streams"].Save(t.Context(), "gone", sample(1)); !errors.Is(err, cairn.ErrStreamDeleted) {
		t.Error(err)
	}
	if err := all["streams"].Save(t.Context(), strings.Repeat("x", cairn.MaxStreamName), sample(1)); !errors.Is(err, cairn.ErrInvalid) {
		t.Error(err)
	}
}

func TestMemoryForgetsWhatWasNotAskedFor(t *testing.T) {
	const each = 1000
	m := snapshot.NewMemory(3*each + 3*300)
	has := func(stream string) bool { _, ok, _ := m.Load(t.Context(), stream); return ok }
	save := func(stream string, size int) {
		m.Save(t.Context(), stream, snapshot.Snapshot{State: make([]byte, size)})
	}
	save("a", each)
	save("b", each)
	save("c", each)
	has("a")
	save("d", each)
	if !has("a") || has("b") || !has("c") || !has("d") {
		t.Errorf("a %v, b %v, c %v, d %v", has("a"), has("b"), has("c"), has("d"))
	}
	for range 100 {
		save("d", each) // takes the place of itself
	}
	if !has("a") || !has("c") {
		t.Error("replacing one has cost another")
	}
	save("e", 10*each)
	if has("e") {
		t.Error("kept more than the limit")
	}
}

func TestStoresConcurrently(t *testing.T) {
	_, all := stores(t)
	var wg sync.WaitGroup
	for name, s := range all {
		for i := range 4 {
			wg.Go(func() {
				for n := range cairn.Revision(20) {
					if err := s.Save(t.Context(), "order-1", sample(n)); err != nil {
						t.Error(name, i, err)
					}
					if got, ok, err := s.Load(t.Context(), "order-1"); err != nil || !ok || !got.Sealed("order-1") {
						t.Error(name, i, got, ok, err)
					}
				}
			})
		}
	}
	wg.Wait()
}
