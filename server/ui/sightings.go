package ui

import (
	"context"
	"slices"
	"sync"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
)

// sightings keep what was seen of groups, so that looking again reads only what
// has changed. There are no more than a page shows. The zero value is ready, and
// methods may be called concurrently.
type sightings struct {
	mu sync.Mutex
	of map[string]*group.Observer
}

// status says how a group is now.
func (s *sightings) status(ctx context.Context, store cairn.Store, name string) (group.GroupStatus, error) {
	return s.observer(store, name).Status(ctx)
}

func (s *sightings) observer(store cairn.Store, name string) *group.Observer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[string]*group.Observer{}
	}
	if s.of[name] == nil {
		s.of[name] = group.Observe(store, name)
	}
	return s.of[name]
}

// forget lets go of all but these.
func (s *sightings) forget(but []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.of {
		if !slices.Contains(but, name) {
			delete(s.of, name)
		}
	}
}
