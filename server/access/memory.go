package access

import (
	"context"
	"sync"

	"github.com/cairndb/cairn"
)

// A memory remembers what was made of streams, as long as they stay as they
// are. It is exact: see [watch]. Its methods may be called concurrently.
type memory[V any] struct {
	watch *watch
	load  func(ctx context.Context, info cairn.StreamInfo) (V, error)

	mu        sync.Mutex
	known     *recent[string, remembered[V]]
	forgotten uint64 // how often something was
}

// A remembered value and the state of its stream when it was made.
type remembered[V any] struct {
	value V
	as    version
}

// A version is what differs between any two states of a stream.
type version struct {
	last, meta cairn.Revision
	state      cairn.StreamState
}

func newMemory[V any](w *watch, size int, load func(context.Context, cairn.StreamInfo) (V, error)) *memory[V] {
	return &memory[V]{watch: w, load: load, known: newRecent[string, remembered[V]](size)}
}

// get is what was made of a stream as it is now.
func (m *memory[V]) get(ctx context.Context, stream string) (v V, err error) {
	current, err := m.watch.current(ctx)
	if err != nil {
		return v, err
	}
	r, ok, forgotten := m.recall(stream)
	if ok && current {
		return r.value, nil
	}
	info, err := m.watch.store.StreamInfo(ctx, stream)
	if err != nil {
		return v, err
	}
	as := version{info.Last, info.MetadataRevision, info.State}
	if ok && r.as == as {
		return r.value, nil
	}
	if v, err = m.load(ctx, info); err == nil {
		m.remember(stream, remembered[V]{v, as}, forgotten)
	}
	return v, err
}

func (m *memory[V]) recall(stream string) (remembered[V], bool, uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.known.get(stream)
	return r, ok, m.forgotten
}

// remember keeps a value, unless something was forgotten since the caller began
// to make it: it may have been this.
func (m *memory[V]) remember(stream string, r remembered[V], forgotten uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.forgotten == forgotten {
		m.known.put(stream, r)
	}
}

func (m *memory[V]) forget(stream string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forgotten++
	m.known.remove(stream)
}
