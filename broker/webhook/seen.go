package webhook

import (
	"sync"
	"time"
)

// seen remembers the IDs of what was handled, for as long as a signature of then
// could still hold.
type seen struct {
	most int
	keep time.Duration
	mu   sync.Mutex
	at   map[string]time.Time
	ids  []string // the oldest first
}

func newSeen(most int, keep time.Duration) *seen {
	return &seen{most: max(most, 1), keep: keep, at: map[string]time.Time{}}
}

// has tells whether an ID was handled. The empty one never was.
func (s *seen) has(id string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, there := s.at[id]
	return there && now.Sub(at) <= s.keep
}

// add remembers an ID.
func (s *seen) add(id string, now time.Time) {
	if id == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.ids) > 0 && (len(s.ids) >= s.most || now.Sub(s.at[s.ids[0]]) > s.keep) {
		delete(s.at, s.ids[0])
		s.ids = s.ids[1:]
	}
	if _, there := s.at[id]; !there {
		s.at[id] = now
		s.ids = append(s.ids, id)
	}
}
