package ndjson

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/cairndb/cairn"
)

// A Line is an event and the stream it belongs to.
type Line struct {
	Stream string
	Event  cairn.Event
}

// Decode reads one line. The event shares the line's memory. The error says
// which field is wrong and why; it does not know the line's number.
//
// Decode keeps the limits of package cairn: a line that it accepts can be
// appended.
func Decode(line []byte) (Line, error) {
	var l Line
	seen := fields{}
	err := Members(line, func(key string, value []byte) error {
		if err := seen.add(key); err != nil {
			return err
		}
		if err := l.set(key, value); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return nil
	})
	if err == nil {
		err = seen.complete()
	}
	if err == nil {
		err = l.validate()
	}
	if err != nil {
		return Line{}, err
	}
	return l, nil
}

func (l *Line) set(key string, value []byte) (err error) {
	if key == "stream" {
		l.Stream, err = Text(value)
		return err
	}
	_, err = SetField(&l.Event, key, value)
	return err
}

// SetField sets a field of an event to a JSON value, which must be valid, and
// reports whether there is such a field. The event shares the value's memory.
func SetField(e *cairn.Event, field string, value []byte) (known bool, err error) {
	switch field {
	case "id":
		e.ID, err = parseID(value)
	case "type":
		e.Type, err = Text(value)
	case "data":
		e.Data = body(value)
	case "metadata":
		e.Metadata = body(value)
	case "data_base64":
		e.Data, err = unbase64(value)
	case "metadata_base64":
		e.Metadata, err = unbase64(value)
	case "created":
		e.Time, err = parseTime(value)
	case "tags":
		e.Tags, err = Texts(value)
	case "format":
		e.Format, err = parseFormat(value)
	default:
		return false, nil
	}
	return true, err
}

// validate holds the line against the limits. The path of a field inside a
// batch means nothing to somebody who wrote a line.
func (l *Line) validate() error {
	b := cairn.Batch{Writes: []cairn.Write{{Stream: l.Stream, Expected: cairn.Any, Events: []cairn.Event{l.Event}}}}
	err := b.Validate()
	if e, ok := errors.AsType[*cairn.InvalidError](err); ok {
		field := bytes.TrimPrefix([]byte(e.Field), []byte("events[0]."))
		return fmt.Errorf("%s: %s", field, e.Problem)
	}
	return err
}

func parseID(value []byte) (id cairn.ID, err error) {
	s, err := Text(value)
	if err != nil {
		return id, err
	}
	if id, err = cairn.ParseID(s); err != nil {
		return id, fmt.Errorf("%.40q is not a UUID", s)
	}
	if id.IsZero() {
		return id, errors.New("the zero UUID identifies nothing")
	}
	return id, nil
}

// body is the value as it stands; null says that there is none.
func body(value []byte) []byte {
	if string(value) == "null" {
		return nil
	}
	return value
}

func unbase64(value []byte) ([]byte, error) {
	s, err := Text(value)
	if err != nil {
		return nil, err
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("not base64: %w", err)
	}
	return b, nil
}

func parseTime(value []byte) (time.Time, error) {
	s, err := Text(value)
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.IsZero() {
		return time.Time{}, fmt.Errorf("%.40q is not a time such as 2024-05-01T10:00:00Z", s)
	}
	return t.UTC(), nil
}

func parseFormat(value []byte) (cairn.Format, error) {
	s, err := Text(value)
	if err != nil {
		return 0, err
	}
	for f := cairn.JSON; f <= cairn.Avro; f++ {
		if f.String() == s {
			return f, nil
		}
	}
	return 0, fmt.Errorf("%.40q is not json, binary, protobuf or avro", s)
}

// Texts reads a JSON list of strings.
func Texts(value []byte) ([]string, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(value, &list); err != nil {
		return nil, errors.New("not a list of strings")
	}
	var all []string
	for _, v := range list {
		s, err := Text(v)
		if err != nil {
			return nil, errors.New("not a list of strings")
		}
		all = append(all, s)
	}
	return all, nil
}

// Text unquotes a JSON string, which must be valid if it is one. One that names half a surrogate pair stands for
// no text; the standard library would put another character in its place.
func Text(value []byte) (string, error) {
	if value[0] != '"' {
		return "", errors.New("not a string")
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return string(value[1 : len(value)-1]), nil
	}
	var s string
	if err := json.Unmarshal(value, &s); err != nil {
		return "", err
	}
	if replaced(value, s) {
		return "", errors.New("holds half a surrogate pair")
	}
	return s, nil
}
