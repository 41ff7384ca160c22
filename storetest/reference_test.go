package storetest

import (
	"errors"
	"testing"

	"github.com/cairndb/cairn"
)

func TestReferenceOpensEmpty(t *testing.T) {
	s := NewReference()
	r, err := s.Append(t.Context(), "a", cairn.NoStream, cairn.Event{Type: "x"}, cairn.Event{Type: "y"})
	if err != nil || r.Revision != 1 || r.Position != 2 {
		t.Fatal(r, err)
	}
	if _, err := s.Append(t.Context(), "a", cairn.NoStream, cairn.Event{Type: "x"}); !errors.Is(err, cairn.ErrConflict) {
		t.Fatal(err)
	}
	if _, err := cairn.DeleteStream(t.Context(), s, "a", 1); err != nil {
		t.Fatal(err)
	}
	if r, err = s.Append(t.Context(), "a", 1, cairn.Event{Type: "z"}); err != nil || r.Revision != 2 || r.Position != 4 {
		t.Fatal(r, err)
	}
	events, err := cairn.Collect(s.ReadStream(t.Context(), "a", cairn.ReadOptions{}))
	if err != nil || len(events) != 1 {
		t.Fatal(events, err)
	}
	all, err := cairn.Collect(s.ReadAll(t.Context(), cairn.AllOptions{}))
	if err != nil || len(all) != 5 {
		t.Fatal(all, err)
	}
	i, err := s.StreamInfo(t.Context(), "a")
	t.Log(i, err)
}
