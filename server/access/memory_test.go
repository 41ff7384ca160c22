package access

import (
	"context"
	"testing"

	"github.com/cairndb/cairn"
)

// TestWhatChangesWhileItIsLoadedIsNotRemembered: the change may have come after
// the stream was read, and nobody would say so again.
func TestWhatChangesWhileItIsLoadedIsNotRemembered(t *testing.T) {
	w := &watch{store: at{head: 1}}
	w.reached.Store(1)
	var m *memory[int]
	loads := 0
	m = newMemory(w, 10, func(context.Context, cairn.StreamInfo) (int, error) {
		if loads++; loads == 1 {
			m.forget("another")
		}
		return loads, nil
	})
	for i, want := range []int{1, 2, 2} {
		if got, err := m.get(t.Context(), "a"); got != want || err != nil {
			t.Errorf("%d: got %d, %v, want %d", i, got, err, want)
		}
	}
	m.forget("a")
	if got, err := m.get(t.Context(), "a"); got != 3 || err != nil {
		t.Errorf("after it changed: got %d, %v", got, err)
	}
}

// TestWhoeverIsBehindAsks whether a stream is as it was, and loads it if not.
func TestWhoeverIsBehindAsks(t *testing.T) {
	store := &at{head: 2}
	w := &watch{store: store}
	w.reached.Store(1)
	loads := 0
	m := newMemory(w, 10, func(context.Context, cairn.StreamInfo) (int, error) { loads++; return loads, nil })
	get := func(want int) {
		t.Helper()
		if got, err := m.get(t.Context(), "a"); got != want || err != nil {
			t.Errorf("got %d, %v, want %d", got, err, want)
		}
	}
	get(1)
	get(1)
	for i, change := range []func(*cairn.StreamInfo){
		func(i *cairn.StreamInfo) { i.Last++ },
		func(i *cairn.StreamInfo) { i.MetadataRevision++ },
		func(i *cairn.StreamInfo) { i.State++ },
	} {
		change(&store.info)
		get(i + 2)
		get(i + 2)
	}
	store.info.Last++
	w.reached.Store(2) // it has come, and nothing was forgotten
	get(4)
}

// at is a store that stands still.
type at struct {
	cairn.Store
	head cairn.Position
	info cairn.StreamInfo
}

func (a at) Info(context.Context) (cairn.Info, error) { return cairn.Info{Head: a.head}, nil }

func (a at) StreamInfo(context.Context, string) (cairn.StreamInfo, error) { return a.info, nil }
