package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strings"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/ndjson"
	"github.com/cairndb/cairn/server/access"
)

// readMetadata is GET /streams/{stream}/metadata.
func (s *service) readMetadata(w http.ResponseWriter, r *http.Request) error {
	stream, err := streamOf(r)
	if err != nil {
		return err
	}
	if err := s.may(r.Context(), access.MetaRead, stream); err != nil {
		return err
	}
	if q := query(r); q.err != nil {
		return q.err
	}
	info, err := s.store.StreamInfo(r.Context(), stream)
	if err != nil {
		return err
	}
	if info.State == cairn.StreamTombstoned {
		return &cairn.DeletedError{Stream: stream, Tombstone: true}
	}
	private(w, 0)
	if info.MetadataRevision >= 0 && unchanged(w, r, tag(info.MetadataRevision)) {
		return nil
	}
	return s.writeJSON(w, http.StatusOK, info.Metadata)
}

// writeMetadata is PUT /streams/{stream}/metadata.
func (s *service) writeMetadata(w http.ResponseWriter, r *http.Request) error {
	stream, err := streamOf(r)
	if err != nil {
		return err
	}
	if _, meta := cairn.DescribedStream(stream); meta {
		return wrong("stream", "%q is a metadata stream, which has no metadata of its own", stream)
	}
	if err := s.may(r.Context(), access.MetaWrite, stream); err != nil {
		return err
	}
	want, err := expected(r, query(r, "expected"))
	if err != nil {
		return err
	}
	if _, err := contentType(r, jsonType); err != nil {
		return err
	}
	text, err := s.readBody(w, r)
	if err != nil {
		return err
	}
	if err := checkMetadata(text); err != nil {
		return err
	}
	data, err := json.Marshal(cairn.ParseStreamMetadata(text))
	if err != nil {
		return err
	}
	event := cairn.Event{Type: cairn.TypeMetadata, Data: data}
	return s.commit(w, r, want, cairn.Write{Stream: cairn.MetadataStream(stream), Expected: want.at, Events: []cairn.Event{event}})
}

// checkMetadata refuses what [cairn.ParseStreamMetadata] would pass over in
// silence. Keys that do not begin with "$" are the application's.
func checkMetadata(text []byte) error {
	if text = bytes.TrimSpace(text); len(text) == 0 {
		return wrong("body", "is empty")
	}
	return object("", text, func(field string, v []byte) (bool, error) {
		switch field {
		case "$maxAge", "$maxCount", "$cacheControl", "$tb":
			n, err := parseNumber(string(v), math.MaxInt64)
			if err == nil && n == math.MaxInt64 {
				err = errors.New("would delete the stream; use DELETE for that")
			}
			return true, err
		case "$acl":
			return true, checkACL(v)
		}
		return !strings.HasPrefix(field, "$"), nil
	})
}

func checkACL(value []byte) error {
	return object("$acl", value, func(field string, v []byte) (bool, error) {
		switch field {
		case "$r", "$w", "$d", "$mr", "$mw":
		default:
			return false, nil
		}
		if v[0] == '"' {
			return true, nil
		}
		_, err := ndjson.Texts(v)
		return true, err
	})
}
