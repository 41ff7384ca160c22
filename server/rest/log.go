package rest

import (
	"cmp"
	"math"
	"net/http"
	"strconv"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// A logPage is what a page of the log says besides its events.
type logPage struct {
	// Checkpoint is what to read after: every event up to there that matches
	// was given. Backward pages have none.
	Checkpoint *cairn.Position `json:"checkpoint,omitempty"`
	Next       string          `json:"next,omitempty"`
}

// readLog is GET /events.
func (s *service) readLog(w http.ResponseWriter, r *http.Request) error {
	if err := s.may(r.Context(), access.Read, theLog); err != nil {
		return err
	}
	q := query(r, "after", "before", "backward", "limit", "follow", "type", "category", "stream", "prefix", "tag", "correlation", "noSystem")
	o := cairn.AllOptions{
		After: q.position("after"), Before: q.position("before"), Backward: q.flag("backward"),
		NoSystem: q.flag("noSystem"), Query: q.query(),
	}
	kind, err := wanted(r, q)
	if err := cmp.Or(err, q.err, o.Validate()); err != nil {
		return err
	}
	switch kind {
	case sseType:
		return s.followLog(w, r, o, q)
	case linesType:
		return s.dumpLog(w, r, o, q)
	}
	if o.Limit = q.pageLimit(); q.err != nil {
		return q.err
	}
	return s.pageLog(w, r, o, kind)
}

// query is the filter of a request; nil if it has none.
func (q *params) query() cairn.Query {
	f := cairn.Filter{
		Types: q.list("type"), Categories: q.list("category"), Streams: q.list("stream"),
		Prefixes: q.list("prefix"), Tags: q.list("tag"),
	}
	if id := q.text("correlation"); id != "" {
		f.Tags = append(f.Tags, cairn.CorrelationTag(id))
	}
	if len(f.Types)+len(f.Categories)+len(f.Streams)+len(f.Prefixes)+len(f.Tags) == 0 {
		return nil
	}
	return cairn.Query{f}
}

// pageLog answers with a page that goes no further than the head was, so that
// the checkpoint is true.
func (s *service) pageLog(w http.ResponseWriter, r *http.Request, o cairn.AllOptions, kind string) error {
	info, err := s.store.Info(r.Context())
	if err != nil {
		return err
	}
	end := max(info.Head, o.After)
	if o.Before > 0 && o.Before <= end {
		end = max(o.Before-1, o.After)
	}
	limit := o.Limit
	p := page{events: []byte("[]")}
	if o.Limit++; end > o.After {
		o.Before = end + 1
		if p, err = gather(s.store.ReadAll(r.Context(), o), limit, writerOf(kind)); err != nil {
			return err
		}
	}
	private(w, 0)
	answer := logPage{}
	switch {
	case p.more && o.Backward:
		answer.Next = next(w, r, map[string]string{"before": position(p.last.Position)})
	case p.more:
		answer.Checkpoint, answer.Next = &p.last.Position, next(w, r, map[string]string{"after": position(p.last.Position)})
	case !o.Backward:
		answer.Checkpoint = &end
	}
	if kind == cloudBatchType {
		s.write(w, http.StatusOK, kind, p.events)
		return nil
	}
	s.write(w, http.StatusOK, kind, withEvents(answer, p.events))
	return nil
}

func position(p cairn.Position) string { return strconv.FormatUint(uint64(p), 10) }

// readPosition is GET /events/{position}.
func (s *service) readPosition(w http.ResponseWriter, r *http.Request) error {
	if err := s.may(r.Context(), access.Read, theLog); err != nil {
		return err
	}
	at, err := parseNumber(r.PathValue("position"), math.MaxUint64-1)
	if err != nil {
		return wrong("position", "%v", err)
	}
	kind, err := oneWanted(r)
	if err != nil {
		return err
	}
	if at == 0 {
		return notFound.problem("positions begin with 1")
	}
	o := cairn.AllOptions{After: cairn.Position(at - 1), Before: cairn.Position(at + 1)}
	for e, err := range s.store.ReadAll(r.Context(), o) {
		if err != nil {
			return err
		}
		private(w, 0)
		s.write(w, http.StatusOK, kind, writerOf(kind)(nil, &e))
		return nil
	}
	return notFound.problem("there is no event at position %d", at)
}
