package rest

import (
	"net/http"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/server/access"
)

// A parkedKey is a key of which events are parked.
type parkedKey struct {
	Key       string         `json:"key"`
	Error     string         `json:"error"`
	Attempts  int            `json:"attempts"`
	First     cairn.Position `json:"first"`
	Last      cairn.Position `json:"last"`
	Count     int            `json:"count"`
	Replaying bool           `json:"replaying"`
}

// readParked is GET /groups/{group}/parked.
func (s *service) readParked(w http.ResponseWriter, r *http.Request) error {
	name, err := s.groupOf(r, access.Read)
	if err != nil {
		return err
	}
	if q := query(r); q.err != nil {
		return q.err
	}
	keys, err := group.Parked(r.Context(), s.store, name)
	if err != nil {
		return err
	}
	all := []parkedKey{}
	for _, k := range keys {
		all = append(all, parkedKey{k.Key, k.Error, k.Attempts, k.First, k.Last, k.Count, k.Replaying})
	}
	private(w, 0)
	return s.writeJSON(w, http.StatusOK, map[string]any{"keys": all})
}

// readParkedEvents is GET /groups/{group}/parked/events: a page of what is parked
// under a key.
func (s *service) readParkedEvents(w http.ResponseWriter, r *http.Request) error {
	name, err := s.groupOf(r, access.Read)
	if err != nil {
		return err
	}
	q := query(r, "key", "after", "limit")
	key, after, limit := q.values.Get("key"), q.position("after"), q.pageLimit()
	if !q.values.Has("key") {
		q.fail(wrong("key", "is missing"))
	}
	if q.err != nil {
		return q.err
	}
	if err := s.maySelect(r.Context(), name); err != nil {
		return err
	}
	later := func(yield func(cairn.Recorded, error) bool) {
		for e, err := range group.ParkedEvents(r.Context(), s.store, name, key) {
			if (err != nil || e.Position > after) && !yield(e, err) {
				return
			}
		}
	}
	p, err := gather(later, limit, appendEvent)
	if err != nil {
		return err
	}
	answer := struct {
		Key  string `json:"key"`
		Next string `json:"next,omitempty"`
	}{Key: key}
	if p.more {
		answer.Next = next(w, r, map[string]string{"after": position(p.last.Position)})
	}
	private(w, 0)
	s.write(w, http.StatusOK, jsonType, withEvents(answer, p.events))
	return nil
}
