package ui

import (
	"crypto/rand"
	"sync"
	"time"

	"github.com/cairndb/cairn/server/access"
)

// sessions remember who is logged in, in memory: after a restart everybody logs in
// again. Its methods may be called concurrently.
type sessions struct {
	idle time.Duration
	most int

	mu  sync.Mutex
	all map[string]*session // by what the cookie says
}

type session struct {
	access.Session
	seen time.Time
}

func newSessions(idle time.Duration, most int) *sessions {
	return &sessions{idle: idle, most: most, all: map[string]*session{}}
}

// begin remembers a session under a name that nobody can guess.
func (s *sessions) begin(who access.Session) (token string) {
	token = rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if len(s.all) >= s.most {
		s.makeRoom(now)
	}
	s.all[token] = &session{who, now}
	return token
}

// makeRoom forgets those that are over, or else the one that was away longest.
func (s *sessions) makeRoom(now time.Time) {
	var longest string
	for token, one := range s.all {
		if now.Sub(one.seen) > s.idle {
			delete(s.all, token)
		} else if longest == "" || one.seen.Before(s.all[longest].seen) {
			longest = token
		}
	}
	if len(s.all) >= s.most {
		delete(s.all, longest)
	}
}

// find is the session of a token, if it is not over.
func (s *sessions) find(token string) (access.Session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, now := s.all[token], time.Now()
	if one == nil {
		return access.Session{}, false
	}
	if now.Sub(one.seen) > s.idle {
		delete(s.all, token)
		return access.Session{}, false
	}
	one.seen = now
	return one.Session, true
}

func (s *sessions) end(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, token)
}
