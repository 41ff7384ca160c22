package rest

import (
	"iter"
	"net/http"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/ndjson"
)

// dumpStream is GET /streams/{stream} as lines.
func (s *service) dumpStream(w http.ResponseWriter, r *http.Request, stream string, o cairn.ReadOptions, q *params) error {
	if o.Limit = q.limit(); q.err != nil {
		return q.err
	}
	if _, err := s.existing(r, stream); err != nil {
		return err
	}
	return s.dump(w, r, s.store.ReadStream(r.Context(), stream, o))
}

// dumpLog is GET /events as lines.
func (s *service) dumpLog(w http.ResponseWriter, r *http.Request, o cairn.AllOptions, q *params) error {
	if o.Limit = q.limit(); q.err != nil {
		return q.err
	}
	return s.dump(w, r, s.store.ReadAll(r.Context(), o))
}

// dump answers with a line for each event, byte for byte what was stored. An
// error of the first is a problem. After that the only honest sign of one is an
// answer that is cut off: an end in good order would say that this was all.
func (s *service) dump(w http.ResponseWriter, r *http.Request, events iter.Seq2[cairn.Recorded, error]) error {
	var out *output
	var line []byte
	for e, err := range events {
		if err != nil && out == nil {
			return err
		}
		if err != nil {
			s.o.Logger.ErrorContext(r.Context(), "a dump was cut off", "error", err)
			panic(http.ErrAbortHandler)
		}
		if out == nil {
			out = s.stream(w, r, linesType)
		}
		line = append(ndjson.AppendPlaced(line[:0], &e), '\n')
		if _, err := out.Write(line); err != nil || r.Method == http.MethodHead {
			return nil
		}
	}
	if out == nil {
		out = s.stream(w, r, linesType)
	}
	_ = out.flush()
	return nil
}
