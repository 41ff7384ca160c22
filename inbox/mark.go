package inbox

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/cairndb/cairn"
)

// prefix begins the names of the streams of inboxes, and the tags of marks.
const prefix = "$inbox-"

// typeHandled is the type of a mark.
const typeHandled = "$inbox-handled"

// MaxInboxName is how long the name of an inbox may be, in bytes.
const MaxInboxName = 256

// ValidateName checks the name of an inbox.
func ValidateName(name string) error {
	switch {
	case name == "":
		return &cairn.InvalidError{Field: "inbox", Problem: "must not be empty"}
	case len(name) > MaxInboxName:
		return &cairn.InvalidError{Field: "inbox", Problem: "is longer than 256 bytes", Limit: MaxInboxName}
	case !plain(name):
		return &cairn.InvalidError{Field: "inbox", Problem: "must be UTF-8 without zero bytes"}
	}
	return cairn.ValidateStream("inbox", stream(name))
}

func stream(name string) string { return prefix + name }

// tag is how the mark of an arrival is found. The name has no part in the sum,
// so that whoever looks at a mark sees whose it is.
func tag(name string, key Sum) string {
	return prefix + name + ":" + base64.RawURLEncoding.EncodeToString(key[:])
}

// A mark says that an arrival was handled.
type mark struct {
	Source string `json:"source,omitempty"`
	ID     string `json:"id"`
	Sum    string `json:"sum,omitempty"` // of the content, in hexadecimal
}

// markOf makes the event, with an ID by which its maker knows it again.
func markOf(name string, a Arrival) (cairn.Event, error) {
	m := mark{Source: a.Source, ID: a.ID}
	if a.Sum != (Sum{}) {
		m.Sum = hex.EncodeToString(a.Sum[:])
	}
	data, err := json.Marshal(m)
	return cairn.Event{ID: cairn.NewID(), Type: typeHandled, Data: data, Tags: []string{tag(name, a.Key())}}, err
}

// content is the sum in a mark.
func content(e *cairn.Recorded) (s Sum, err error) {
	var m mark
	if err := json.Unmarshal(e.Data, &m); err != nil {
		return s, fmt.Errorf("inbox: the mark at position %d cannot be read: %w", e.Position, err)
	}
	b, err := hex.DecodeString(m.Sum)
	if err == nil && len(b) != 0 && len(b) != len(s) {
		err = fmt.Errorf("it has %d bytes", len(b))
	}
	if err != nil {
		return s, fmt.Errorf("inbox: the sum in the mark at position %d cannot be read: %w", e.Position, err)
	}
	copy(s[:], b)
	return s, nil
}

// find looks for the mark of an arrival behind a position.
func find(ctx context.Context, store cairn.LogReader, tag string, after cairn.Position) (cairn.Recorded, bool, error) {
	o := cairn.AllOptions{After: after, Query: cairn.ByTag(tag), Limit: 1}
	for e, err := range store.ReadAll(ctx, o) {
		return e, err == nil, err
	}
	return cairn.Recorded{}, false, nil
}
