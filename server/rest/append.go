package rest

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// A receipt is the answer to a write to one stream.
type receipt struct {
	Stream    string         `json:"stream"`
	Revision  *standing      `json:"revision,omitempty"` // unknown if the key is that of another batch
	Position  cairn.Position `json:"position"`
	Duplicate bool           `json:"duplicate"`
}

// appendEvents is POST /streams/{stream}.
func (s *service) appendEvents(w http.ResponseWriter, r *http.Request) error {
	stream, err := streamOf(r)
	if err != nil {
		return err
	}
	if err := s.may(r.Context(), access.Write, stream); err != nil {
		return err
	}
	want, err := expected(r, query(r, "expected"))
	if err != nil {
		return err
	}
	events, err := s.readEvents(w, r)
	if err != nil {
		return err
	}
	return s.commit(w, r, want, cairn.Write{Stream: stream, Expected: want.at, Events: events})
}

// readEvents reads the events of a request, whichever way they are written.
func (s *service) readEvents(w http.ResponseWriter, r *http.Request) ([]cairn.Event, error) {
	if binaryCloud(r) {
		b, err := s.readBody(w, r)
		if err != nil {
			return nil, err
		}
		e, err := decodeBinaryCloud(r.Header, b)
		return []cairn.Event{e}, err
	}
	kind, err := contentType(r, jsonType, cloudType, cloudBatchType)
	if err != nil {
		return nil, err
	}
	b, err := s.readBody(w, r)
	if err != nil {
		return nil, err
	}
	if kind == jsonType {
		return decodeEvents(b)
	}
	return decodeClouds(kind, b)
}

// commit stores one write and answers with its receipt.
func (s *service) commit(w http.ResponseWriter, r *http.Request, want expectation, write cairn.Write) error {
	b := cairn.Batch{Writes: []cairn.Write{write}}
	if err := s.key(r, &b); err != nil {
		return err
	}
	done, err := s.store.Commit(r.Context(), b)
	if err != nil {
		return want.refusal(err)
	}
	answer := receipt{Stream: write.Stream, Position: done.Position, Duplicate: done.Duplicate}
	if len(done.Revisions) == 1 {
		at := done.Revisions[0]
		answer.Revision = (*standing)(&at)
		if write.Delete == cairn.Keep && at >= 0 {
			s.place(w, write, at)
		}
	}
	status := created(done)
	if write.Delete != cairn.Keep {
		status = http.StatusOK
	}
	return s.writeJSON(w, status, answer)
}

// place says where the last event stands.
func (s *service) place(w http.ResponseWriter, write cairn.Write, at cairn.Revision) {
	w.Header().Set("ETag", tag(at))
	if len(write.Events) > 0 {
		w.Header().Set("Location", streamPath(write.Stream)+"/"+strconv.FormatInt(int64(at), 10))
	}
}

// key puts the Idempotency-Key of a request into a batch that has none.
func (s *service) key(r *http.Request, b *cairn.Batch) error {
	all := r.Header.Values("Idempotency-Key")
	switch {
	case len(all) == 0:
		return nil
	case len(all) > 1 || b.Key != "":
		return wrong("Idempotency-Key", "the key is given more than once")
	}
	b.Key = all[0]
	if inner, ok := strings.CutPrefix(b.Key, `"`); ok && len(inner) > 0 {
		b.Key = strings.TrimSuffix(inner, `"`) // as the draft of the header has it
	}
	if b.Key == "" {
		return wrong("Idempotency-Key", "must not be empty")
	}
	return nil
}

// writeJSON answers with a document.
func (s *service) writeJSON(w http.ResponseWriter, status int, v any) error {
	body, err := encode(v)
	if err != nil {
		return err
	}
	s.write(w, status, jsonType, body)
	return nil
}

// deleteStream is DELETE /streams/{stream}.
func (s *service) deleteStream(w http.ResponseWriter, r *http.Request) error {
	stream, err := streamOf(r)
	if err != nil {
		return err
	}
	if _, meta := cairn.DescribedStream(stream); meta {
		return wrong("stream", "%q is a metadata stream, which is deleted with its stream", stream)
	}
	if err := s.may(r.Context(), access.Delete, stream); err != nil {
		return err
	}
	q := query(r, "expected", "tombstone")
	write := cairn.Write{Stream: stream, Delete: cairn.SoftDelete}
	if q.flag("tombstone") {
		write.Delete = cairn.Tombstone
	}
	want, err := expected(r, q)
	if err != nil {
		return err
	}
	write.Expected = want.at
	return missing(s.commit(w, r, want, write), want)
}

// missing is the error of deleting a stream that is not there. It is a conflict
// to a store, and so to those who expected something.
func missing(err error, want expectation) error {
	c, ok := errors.AsType[*cairn.ConflictError](err)
	if !ok || want.at != cairn.Any {
		return err
	}
	p := notFound.problem("there is nothing to delete: stream %q is at %v", c.Stream, c.Actual)
	p.Stream, p.Actual = c.Stream, (*standing)(&c.Actual)
	return p
}
