package rest

import (
	"net/http"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// A storeInfo is what GET /info answers.
type storeInfo struct {
	ID   cairn.ID       `json:"id"`
	Head cairn.Position `json:"head"`
}

// info is GET /info.
func (s *service) info(w http.ResponseWriter, r *http.Request) error {
	if q := query(r); q.err != nil {
		return q.err
	}
	if err := s.access.CheckRole(r.Context()); err != nil {
		return err
	}
	info, err := s.store.Info(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.writeJSON(w, http.StatusOK, storeInfo(info))
}

// A streamList is a page of streams, in the order in which they began.
type streamList struct {
	Streams []streamSummary `json:"streams"`
	Next    string          `json:"next,omitempty"`
}

// A streamSummary says how a stream stands and where it began.
type streamSummary struct {
	Stream   string         `json:"stream"`
	State    string         `json:"state"`
	Last     standing       `json:"last"`
	Position cairn.Position `json:"position"`
	Created  time.Time      `json:"created"`
}

// listStreams is GET /streams: the streams whose first event matches.
func (s *service) listStreams(w http.ResponseWriter, r *http.Request) error {
	if err := s.may(r.Context(), access.Read, theLog); err != nil {
		return err
	}
	q := query(r, "after", "limit", "category", "prefix", "noSystem")
	limit := q.pageLimit()
	o := cairn.AllOptions{
		After: q.position("after"), NoSystem: q.flag("noSystem"), Limit: limit + 1,
		Query: cairn.Query{{First: true, Categories: q.list("category"), Prefixes: q.list("prefix")}},
	}
	if q.err != nil {
		return q.err
	}
	if err := o.Validate(); err != nil {
		return err
	}
	answer := streamList{Streams: []streamSummary{}}
	for e, err := range s.store.ReadAll(r.Context(), o) {
		if err != nil {
			return err
		}
		if n := len(answer.Streams); n == limit {
			answer.Next = next(w, r, map[string]string{"after": position(answer.Streams[n-1].Position)})
			break
		}
		info, err := s.store.StreamInfo(r.Context(), e.Stream)
		if err != nil {
			return err
		}
		answer.Streams = append(answer.Streams, streamSummary{e.Stream, info.State.String(), standing(info.Last), e.Position, e.Time})
	}
	private(w, 0)
	return s.writeJSON(w, http.StatusOK, answer)
}
