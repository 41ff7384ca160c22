package rest

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/server/access"
)

// A projectionList is a page of projections, by name.
type projectionList struct {
	Projections []projectionEntry `json:"projections"`
	Next        string            `json:"next,omitempty"`
}

// A projectionEntry says how far the build is that readers see, and which one is to
// come after it.
type projectionEntry struct {
	Projection string         `json:"projection"`
	At         time.Time      `json:"at"`
	Active     int            `json:"active"`
	Version    int            `json:"version,omitempty"`
	Position   cairn.Position `json:"position"`
	Lag        int64          `json:"lag"`
	LagSeconds float64        `json:"lagSeconds"`
	ParkedKeys int            `json:"parkedKeys"`
	Skipped    int64          `json:"skipped"`
	Error      string         `json:"error,omitempty"`
	Coming     int            `json:"coming,omitempty"`
}

func entryOf(s *projection.Status) projectionEntry {
	e := projectionEntry{Projection: s.Projection, At: s.At, Active: s.Active}
	if b, ok := s.Build(s.Active); ok {
		e.Version, e.Position, e.Lag, e.ParkedKeys, e.Skipped, e.Error = b.Version, b.Position, b.Lag, b.ParkedKeys, b.Skipped, b.Error
		e.LagSeconds = b.Behind(time.Now()).Seconds()
	}
	for i := range s.Builds {
		if p := s.Builds[i].Phase; p == projection.Building || p == projection.Level {
			e.Coming = s.Builds[i].Build
		}
	}
	return e
}

// listProjections is GET /projections.
func (s *service) listProjections(w http.ResponseWriter, r *http.Request) error {
	if err := s.may(r.Context(), access.Read, theLog); err != nil {
		return err
	}
	q := query(r, "after", "limit")
	after, limit := q.text("after"), q.pageLimit()
	if q.err != nil {
		return q.err
	}
	all, err := projection.Reported(r.Context(), s.store)
	if err != nil {
		return err
	}
	from, found := slices.BinarySearchFunc(all, after, func(s projection.Status, name string) int { return strings.Compare(s.Projection, name) })
	if found {
		from++
	}
	all = all[from:]
	answer := projectionList{Projections: []projectionEntry{}}
	if len(all) > limit {
		all = all[:limit]
		answer.Next = next(w, r, map[string]string{"after": all[limit-1].Projection})
	}
	for i := range all {
		answer.Projections = append(answer.Projections, entryOf(&all[i]))
	}
	private(w, 0)
	return s.writeJSON(w, http.StatusOK, answer)
}

// readProjection is GET /projections/{projection}. Who may read the stream of its
// reports may.
func (s *service) readProjection(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("projection")
	stream := projection.ReportStream(name)
	if err := cairn.ValidateStream("projection", stream); err != nil {
		return err
	}
	if err := s.may(r.Context(), access.Read, stream); err != nil {
		return err
	}
	if q := query(r); q.err != nil {
		return q.err
	}
	status, err := projection.ReportedOf(r.Context(), s.store, name)
	if err != nil {
		return err
	}
	private(w, 0)
	return s.writeJSON(w, http.StatusOK, status)
}
