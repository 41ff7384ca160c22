package snapshot

import (
	"container/list"
	"context"
	"sync"
)

// Memory is a Store in memory. When it is full it forgets the snapshots that
// were not asked for longest.
type Memory struct {
	mu     sync.Mutex
	limit  int64
	size   int64
	byName map[string]*list.Element
	recent *list.List // of *entry, latest first
}

type entry struct {
	stream   string
	snapshot Snapshot
}

// overhead is about what an entry takes besides its texts.
const overhead = 256

func (e *entry) size() int64 {
	return int64(overhead + len(e.stream) + len(e.snapshot.Version) + len(e.snapshot.State) + len(e.snapshot.Sum))
}

// NewMemory makes a Store that takes about limit bytes at most. A snapshot that
// is larger by itself is not kept.
func NewMemory(limit int64) *Memory {
	return &Memory{limit: limit, byName: map[string]*list.Element{}, recent: list.New()}
}

// Load returns the snapshot kept for a stream. It never fails.
func (m *Memory) Load(_ context.Context, stream string) (Snapshot, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.byName[stream]
	if !ok {
		return Snapshot{}, false, nil
	}
	m.recent.MoveToFront(e)
	return e.Value.(*entry).snapshot, true, nil
}

// Save keeps the snapshot. It never fails.
func (m *Memory) Save(_ context.Context, stream string, s Snapshot) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if old, ok := m.byName[stream]; ok {
		m.forget(old)
	}
	e := &entry{stream, s}
	m.size += e.size()
	m.byName[stream] = m.recent.PushFront(e)
	for m.size > m.limit && m.recent.Len() > 0 {
		m.forget(m.recent.Back())
	}
	return nil
}

func (m *Memory) forget(at *list.Element) {
	e := m.recent.Remove(at).(*entry)
	delete(m.byName, e.stream)
	m.size -= e.size()
}
