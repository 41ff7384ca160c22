package rest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/ndjson"
)

// decodeClouds reads a CloudEvent or a batch of them.
func decodeClouds(kind string, b []byte) (events []cairn.Event, err error) {
	if b = bytes.TrimSpace(b); len(b) == 0 {
		return nil, wrong("body", "is empty")
	}
	if kind == cloudType {
		e, err := decodeCloud("", b)
		return []cairn.Event{e}, err
	}
	err = list("events", b, cairn.MaxBatchEvents, func(path string, v []byte) error {
		e, err := decodeCloud(path, v)
		events = append(events, e)
		return err
	})
	return events, err
}

// decodeCloud reads a CloudEvent as a JSON document.
func decodeCloud(path string, value []byte) (cairn.Event, error) {
	a := attributes{}
	var data, encoded []byte
	err := object(path, value, func(name string, v []byte) (bool, error) {
		switch {
		case name == "data":
			data = v
		case name == "data_base64":
			encoded = v
		default:
			return true, a.set(name, v)
		}
		return true, nil
	})
	if err != nil {
		return cairn.Event{}, err
	}
	if data != nil && encoded != nil {
		return cairn.Event{}, wrong(join(path, "data"), "excludes data_base64")
	}
	e, err := a.event(path)
	if err == nil && encoded != nil {
		err = at(join(path, "data_base64"), setEncoded(&e, a, encoded))
	}
	if err == nil && data != nil {
		err = at(join(path, "data"), setData(&e, data))
	}
	return e, err
}

// setEncoded sets data that is any bytes. They are no JSON unless it is said.
func setEncoded(e *cairn.Event, a attributes, value []byte) error {
	s, err := ndjson.Text(value)
	if err != nil {
		return err
	}
	if a["datacontenttype"] == nil {
		e.Format = cairn.Binary
	}
	e.Data, err = base64.StdEncoding.DecodeString(s)
	return err
}

// setData sets data that stands in the document. A string is the text itself if
// the data is no JSON.
func setData(e *cairn.Event, value []byte) error {
	if e.Format == cairn.JSON || value[0] != '"' {
		e.Data = oneLine(value)
		return nil
	}
	s, err := ndjson.Text(value)
	e.Data = []byte(s)
	return err
}

// event is what the attributes say about an event of ours.
func (a attributes) event(path string) (e cairn.Event, err error) {
	for _, name := range []string{"specversion", "id", "source", "type"} {
		if a[name] == nil {
			return e, wrong(join(path, name), "is missing; a CloudEvent has one")
		}
	}
	e.Type = a.text("type")
	e.Format = formatOf(a.text("datacontenttype"))
	if e.ID, err = cairn.ParseID(a.text("id")); err != nil || e.ID.IsZero() {
		e.ID = deriveID(a.text("source"), a.text("id"))
	}
	if a[extTags] != nil {
		text := a.text(extTags)
		if !json.Valid([]byte(text)) {
			return e, wrong(join(path, extTags), "is not a list of strings as JSON")
		}
		if e.Tags, err = ndjson.Texts([]byte(strings.TrimSpace(text))); err != nil {
			return e, wrong(join(path, extTags), "%v", err)
		}
	}
	e.Metadata, err = a.metadata(e.ID)
	return e, err
}

// metadata keeps what has no place in an event of ours.
func (a attributes) metadata(id cairn.ID) ([]byte, error) {
	kept := map[string]json.RawMessage{}
	for name, v := range a {
		kept[name] = v
	}
	for _, name := range []string{"specversion", "type", extStream, extRevision, extPosition, extTags} {
		delete(kept, name)
	}
	if a.text("id") == id.String() {
		delete(kept, "id")
	}
	return encode(map[string]any{cloudKey: kept})
}

// binaryCloud reports whether a request is a CloudEvent whose attributes are
// headers.
func binaryCloud(r *http.Request) bool {
	return r.Header.Get("Ce-Specversion") != "" &&
		!strings.HasPrefix(strings.ToLower(r.Header.Get("Content-Type")), "application/cloudevents")
}

// decodeBinaryCloud reads a CloudEvent whose attributes are headers and whose
// data is the body.
func decodeBinaryCloud(h http.Header, body []byte) (cairn.Event, error) {
	a := attributes{}
	for header, values := range h {
		name, ok := strings.CutPrefix(strings.ToLower(header), "ce-")
		if !ok {
			continue
		}
		if name == "datacontenttype" || slices.Contains([]string{"data", "data_base64"}, name) || len(values) != 1 {
			return cairn.Event{}, wrong(header, "is no header of a CloudEvent, or is given twice")
		}
		text, err := url.PathUnescape(values[0])
		if err != nil {
			return cairn.Event{}, wrong(header, "%v", err)
		}
		if err := a.set(name, ndjson.AppendText(nil, strings.ToValidUTF8(text, "\ufffd"))); err != nil {
			return cairn.Event{}, wrong(header, "%v", err)
		}
	}
	if kind := h.Get("Content-Type"); kind != "" {
		if err := a.set("datacontenttype", ndjson.AppendText(nil, kind)); err != nil {
			return cairn.Event{}, wrong("Content-Type", "%v", err)
		}
	}
	e, err := a.event("")
	if err != nil || len(body) == 0 {
		return e, err
	}
	e.Data = body
	switch {
	case a["datacontenttype"] == nil:
		e.Format = cairn.Binary
	case e.Format == cairn.JSON && !json.Valid(body):
		return e, wrong("body", "is not the JSON that Content-Type says it is")
	case e.Format == cairn.JSON:
		e.Data = oneLine(body)
	}
	return e, nil
}
