package disk

import (
	"sort"
	"sync"
	"sync/atomic"

	"github.com/cairndb/cairn"
)

// A chunk is what was written to the log at once: the frames of one group of
// requests. It does not change any more.
type chunk struct {
	first, last cairn.Position
	at          address
	buf         []byte
}

// A tail keeps the newest chunks of the log in memory, so that followers and
// readers of what was just written do not touch the disk.
type tail struct {
	limit int64

	mu     sync.RWMutex
	chunks []*chunk // oldest first; the first gone of them are dropped already
	gone   int
	bytes  int64

	from atomic.Uint64 // the address of the oldest chunk; asked before locking
}

// push adds a chunk and drops the oldest that are over the limit. The newest
// always stays.
func (t *tail) push(c *chunk) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.chunks = append(t.chunks, c)
	t.bytes += int64(len(c.buf))
	for t.bytes > t.limit && t.gone < len(t.chunks)-1 {
		t.bytes -= int64(len(t.chunks[t.gone].buf))
		t.chunks[t.gone] = nil
		t.gone++
	}
	t.from.Store(t.chunks[t.gone].at)
	if t.gone > len(t.chunks)/2 {
		n := copy(t.chunks, t.chunks[t.gone:])
		clear(t.chunks[n:])
		t.chunks, t.gone = t.chunks[:n], 0
	}
}

// holding is the chunk with position p, or nil.
func (t *tail) holding(p cairn.Position) *chunk {
	t.mu.RLock()
	defer t.mu.RUnlock()
	live := t.chunks[t.gone:]
	i := sort.Search(len(live), func(i int) bool { return live[i].last >= p })
	if i == len(live) || live[i].first > p {
		return nil
	}
	return live[i]
}

// covering is the chunk with an address, or nil.
func (t *tail) covering(at address) *chunk {
	if at < t.from.Load() {
		return nil
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	live := t.chunks[t.gone:]
	i := sort.Search(len(live), func(i int) bool { return live[i].at > at }) - 1
	if i < 0 || at-live[i].at >= uint64(len(live[i].buf)) {
		return nil
	}
	return live[i]
}
