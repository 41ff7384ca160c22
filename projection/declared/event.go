package declared

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/cairndb/cairn"
)

// variables are what expressions see of an event.
func variables(e *cairn.Recorded) (map[string]any, error) {
	data, err := document(e, "data", e.Data)
	if err != nil {
		return nil, err
	}
	metadata, err := document(e, "metadata", e.Metadata)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"id": e.ID.String(), "type": e.Type, "stream": e.Stream, "category": cairn.Category(e.Stream),
		"revision": int64(e.Revision), "position": int64(e.Position), "time": e.Time.UTC(),
		"data": data, "metadata": metadata, "tags": e.Tags,
	}, nil
}

// document is the JSON of an event, and an empty object where there is none.
func document(e *cairn.Recorded, what string, raw []byte) (any, error) {
	if len(raw) == 0 || (what == "data" && e.Format != cairn.JSON) {
		return map[string]any{}, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("the event's %s is not JSON: %w", what, err)
	}
	return numbers(v)
}

// numbers makes integers of numbers that are written as such, and doubles of the
// others, as CEL tells the two apart.
func numbers(v any) (_ any, err error) {
	switch v := v.(type) {
	case json.Number:
		return number(v)
	case map[string]any:
		for k := range v {
			if v[k], err = numbers(v[k]); err != nil {
				return nil, err
			}
		}
	case []any:
		for i := range v {
			if v[i], err = numbers(v[i]); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

func number(n json.Number) (any, error) {
	if i, err := n.Int64(); err == nil { // not of 1.0 or 1e3
		return i, nil
	}
	return n.Float64()
}
