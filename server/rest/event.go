package rest

import (
	"bytes"
	"encoding/json"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/ndjson"
)

// decodeEvents reads the body of an append: an event, or a list of them.
func decodeEvents(b []byte) (events []cairn.Event, err error) {
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return nil, wrong("body", "is empty")
	}
	if b[0] != '[' {
		e, err := decodeEvent("", b)
		return []cairn.Event{e}, err
	}
	return decodeEventList("events", b)
}

func decodeEventList(path string, b []byte) (events []cairn.Event, err error) {
	err = list(path, b, cairn.MaxBatchEvents, func(path string, v []byte) error {
		e, err := decodeEvent(path, v)
		events = append(events, e)
		return err
	})
	return events, err
}

// decodeEvent reads an event. It shares the memory of the value.
func decodeEvent(path string, value []byte) (e cairn.Event, err error) {
	seen := map[string]bool{}
	err = object(path, value, func(field string, v []byte) (bool, error) {
		seen[field] = true
		if field == "data" || field == "metadata" {
			v = oneLine(v)
		}
		return ndjson.SetField(&e, field, v)
	})
	for _, field := range []string{"data", "metadata"} {
		if err == nil && seen[field] && seen[field+"_base64"] {
			err = wrong(join(path, field), "excludes %s_base64", field)
		}
	}
	return e, err
}

// oneLine takes the white space out of JSON that stands on several lines, where
// it only says how a document was laid out. Other bytes stay as they are.
func oneLine(b []byte) []byte {
	if !bytes.ContainsAny(b, "\n\r") && len(bytes.TrimSpace(b)) == len(b) {
		return b
	}
	var compact bytes.Buffer
	if json.Compact(&compact, b) != nil {
		return b
	}
	return compact.Bytes()
}

// appendEvent writes an event as callers get it: as a line, but with JSON
// standing as such also if it was stored on several lines.
func appendEvent(dst []byte, e *cairn.Recorded) []byte {
	if shown := *e; e.Format == cairn.JSON {
		shown.Data, shown.Metadata = oneLine(e.Data), oneLine(e.Metadata)
		return ndjson.AppendPlaced(dst, &shown)
	}
	return ndjson.AppendPlaced(dst, e)
}
