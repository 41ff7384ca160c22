package timer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cairndb/cairn"
)

// A setting is the data of a timer.set.
type setting struct {
	Due  time.Time `json:"due"`
	Fire Fire      `json:"fire"`
}

func encodeSet(due time.Time, f Fire) ([]byte, error) {
	return encode(setting{Due: due.UTC().Round(0), Fire: f})
}

// encode is json.Marshal without the escapes that are for browsers only: they would
// change the bytes of what is embedded.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// errNoDue and the like say what is wrong with a timer.set that this package has
// not written.
var (
	errNoDue = errors.New("it has no time at which it is due")
	errNoTag = errors.New("it lacks the tag of the minute in which it is due")
)

// dueOf reads when a timer is due, and no more than that.
func dueOf(c Category, e *cairn.Recorded) (time.Time, error) {
	var s struct {
		Due time.Time `json:"due"`
	}
	if err := json.Unmarshal(e.Data, &s); err != nil {
		return s.Due, err
	}
	switch {
	case validateDue(s.Due) != nil:
		return s.Due, errNoDue
	case !slices.Contains(e.Tags, c.tag(minute(s.Due))):
		return s.Due, errNoTag
	}
	return s.Due, nil
}

// decodeSet reads a timer.set and checks it as Set does.
func decodeSet(c Category, e *cairn.Recorded) (s setting, err error) {
	if err = json.Unmarshal(e.Data, &s); err == nil {
		_, err = dueOf(c, e)
	}
	if err == nil {
		err = s.Fire.validate(e.Stream)
	}
	if err != nil {
		return s, &DecodeError{Stream: e.Stream, Revision: e.Revision, Position: e.Position, Err: err}
	}
	return s, nil
}

// A DecodeError reports a timer.set that this package has not written, or that was
// changed on its way.
type DecodeError struct {
	Stream   string
	Revision cairn.Revision
	Position cairn.Position
	Err      error
}

// Error says what is wrong with which event.
func (e *DecodeError) Error() string {
	return fmt.Sprintf("timer: event %d of stream %q, at position %d, sets no timer: %v", e.Revision, e.Stream, e.Position, e.Err)
}

// Unwrap returns the cause.
func (e *DecodeError) Unwrap() error { return e.Err }
