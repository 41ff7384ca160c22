package rest

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// A streamPage is what a page of a stream says besides its events.
type streamPage struct {
	Stream string   `json:"stream"`
	Last   standing `json:"last"`
	Next   string   `json:"next,omitempty"`
}

// readStream is GET /streams/{stream}.
func (s *service) readStream(w http.ResponseWriter, r *http.Request) error {
	stream, err := streamOf(r)
	if err != nil {
		return err
	}
	if err := s.may(r.Context(), access.Read, stream); err != nil {
		return err
	}
	q := query(r, "from", "before", "backward", "limit", "follow")
	o := cairn.ReadOptions{From: q.revision("from"), Before: q.revision("before"), Backward: q.flag("backward")}
	kind, err := wanted(r, q)
	if err != nil {
		return err
	}
	switch kind {
	case sseType:
		return s.followStream(w, r, stream, o, q)
	case linesType:
		return s.dumpStream(w, r, stream, o, q)
	}
	if o.Limit = q.pageLimit(); q.err != nil {
		return q.err
	}
	return s.pageStream(w, r, stream, o, kind)
}

// wanted is the representation of events that a request asks for.
func wanted(r *http.Request, q *params) (string, error) {
	if q.flag("follow") {
		return sseType, nil
	}
	return accept(r, jsonType, linesType, cloudBatchType, sseType)
}

// pageStream answers with a page. It goes no further than the tag says: who
// appends behind the tag has seen all that came before.
func (s *service) pageStream(w http.ResponseWriter, r *http.Request, stream string, o cairn.ReadOptions, kind string) error {
	info, err := s.existing(r, stream)
	if err != nil {
		return err
	}
	private(w, info.Metadata.CacheControl)
	if unchanged(w, r, tag(info.Last)) {
		return nil
	}
	if o.Before == 0 || o.Before > info.Last {
		o.Before = info.Last + 1
	}
	limit := o.Limit
	o.Limit++
	p := page{events: []byte("[]")}
	if info.Last >= 0 {
		if p, err = gather(s.store.ReadStream(r.Context(), stream, o), limit, writerOf(kind)); err != nil {
			return err
		}
	}
	answer := streamPage{Stream: stream, Last: standing(info.Last), Next: nextOfStream(w, r, &p, o.Backward)}
	if kind == cloudBatchType {
		s.write(w, http.StatusOK, kind, p.events)
		return nil
	}
	s.write(w, http.StatusOK, kind, withEvents(answer, p.events))
	return nil
}

// writerOf is how an event is written in a representation.
func writerOf(kind string) func([]byte, *cairn.Recorded) []byte {
	if kind == cloudBatchType || kind == cloudType {
		return appendCloud
	}
	return appendEvent
}

func nextOfStream(w http.ResponseWriter, r *http.Request, p *page, backward bool) string {
	switch {
	case !p.more:
		return ""
	case backward:
		return next(w, r, map[string]string{"before": strconv.FormatInt(int64(p.last.Revision), 10)})
	}
	return next(w, r, map[string]string{"from": strconv.FormatInt(int64(p.last.Revision)+1, 10)})
}

// existing describes a stream that can be read.
func (s *service) existing(r *http.Request, stream string) (cairn.StreamInfo, error) {
	info, err := s.store.StreamInfo(r.Context(), stream)
	switch {
	case err != nil:
		return info, err
	case info.State == cairn.StreamTombstoned:
		return info, &cairn.DeletedError{Stream: stream, Tombstone: true}
	case info.State == cairn.StreamLive:
		return info, nil
	}
	p := notFound.problem("stream %q is %v", stream, info.State)
	p.Stream, p.State, p.Actual = stream, info.State.String(), (*standing)(&info.Last)
	return info, p
}

// private lets a reader keep an answer for itself as long as the stream's
// metadata says. Without a say it asks every time whether there is more.
func private(w http.ResponseWriter, d time.Duration) {
	keep := "no-cache"
	if d > 0 {
		keep = fmt.Sprintf("max-age=%d", int64(d.Seconds()))
	}
	w.Header().Set("Cache-Control", "private, "+keep)
	w.Header().Add("Vary", "Accept, Authorization")
}

// tagged reports whether an If-None-Match names a tag. Its comparison is weak.
func tagged(header []string, tag string) bool {
	return slices.ContainsFunc(header, func(v string) bool {
		for one := range strings.SplitSeq(v, ",") {
			if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == tag {
				return true
			}
		}
		return false
	})
}

// readRevision is GET /streams/{stream}/{revision}.
func (s *service) readRevision(w http.ResponseWriter, r *http.Request) error {
	stream, err := streamOf(r)
	if err != nil {
		return err
	}
	if err := s.may(r.Context(), access.Read, stream); err != nil {
		return err
	}
	at, err := parseNumber(r.PathValue("revision"), math.MaxInt64-1)
	if err != nil {
		return wrong("revision", "%v", err)
	}
	kind, err := oneWanted(r)
	if err != nil {
		return err
	}
	info, err := s.existing(r, stream)
	if err != nil {
		return err
	}
	o := cairn.ReadOptions{From: cairn.Revision(at), Before: cairn.Revision(at) + 1}
	for e, err := range s.store.ReadStream(r.Context(), stream, o) {
		if err != nil {
			return err
		}
		private(w, info.Metadata.CacheControl)
		if !unchanged(w, r, tag(e.Revision)) {
			s.write(w, http.StatusOK, kind, writerOf(kind)(nil, &e))
		}
		return nil
	}
	p := notFound.problem("stream %q has no event at revision %d that can be read", stream, at)
	p.Stream, p.Actual = stream, (*standing)(&info.Last)
	return p
}

// oneWanted is the representation of one event. There are no parameters.
func oneWanted(r *http.Request) (string, error) {
	if q := query(r); q.err != nil {
		return "", q.err
	}
	return accept(r, jsonType, cloudType)
}
