package timer

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/cairndb/cairn"
)

// A written is a Fire as JSON. Data and Metadata that are compact JSON are embedded
// as they are, for people to read; other bytes are in base64. Either way they come
// back byte for byte.
type written struct {
	Stream      string          `json:"stream"`
	ID          cairn.ID        `json:"id"`
	Type        string          `json:"type"`
	Format      string          `json:"format,omitempty"`
	Data        json.RawMessage `json:"data,omitempty"`
	DataBytes   []byte          `json:"dataBytes,omitempty"`
	Metadata    json.RawMessage `json:"metadata,omitempty"`
	MetadataRaw []byte          `json:"metadataBytes,omitempty"`
	Tags        []string        `json:"tags,omitempty"`
}

// MarshalJSON writes the event byte for byte.
func (f Fire) MarshalJSON() ([]byte, error) {
	e := &f.Event
	w := written{Stream: f.Stream, ID: e.ID, Type: e.Type, Tags: e.Tags}
	w.Data, w.DataBytes = embed(e.Data)
	w.Metadata, w.MetadataRaw = embed(e.Metadata)
	if e.Format != cairn.JSON {
		w.Format = e.Format.String()
	}
	return encode(w)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *Fire) UnmarshalJSON(b []byte) error {
	var w written
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	format, err := parseFormat(w.Format)
	if err != nil {
		return err
	}
	*f = Fire{Stream: w.Stream, Event: cairn.Event{ID: w.ID, Type: w.Type, Format: format, Tags: w.Tags}}
	f.Event.Data, f.Event.Metadata = w.DataBytes, w.MetadataRaw
	if w.Data != nil {
		f.Event.Data = w.Data
	}
	if w.Metadata != nil {
		f.Event.Metadata = w.Metadata
	}
	return nil
}

// embed splits bytes into JSON that survives being embedded, and anything else.
func embed(b []byte) (json.RawMessage, []byte) {
	if len(b) == 0 {
		return nil, nil
	}
	var compact bytes.Buffer
	if json.Compact(&compact, b) != nil || !bytes.Equal(compact.Bytes(), b) || bytes.Equal(b, []byte("null")) || !plain(b) {
		return nil, b
	}
	return b, nil
}

// plain reports whether no encoder would escape anything in valid JSON.
func plain(b []byte) bool { return !bytes.ContainsAny(b, "<>&\u2028\u2029") }

func parseFormat(name string) (cairn.Format, error) {
	if name == "" {
		return cairn.JSON, nil
	}
	for f := cairn.JSON; f <= cairn.Avro; f++ {
		if f.String() == name {
			return f, nil
		}
	}
	return 0, fmt.Errorf("there is no format %q", name)
}
