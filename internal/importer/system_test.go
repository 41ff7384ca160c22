package importer

import (
	"errors"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/storetest"
)

// settle is a history in which the system's events matter.
func settle(t *testing.T, s cairn.Store) {
	t.Helper()
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	write := func(stream string, n int) {
		t.Helper()
		must(s.Append(t.Context(), stream, cairn.Any, cairn.Event{ID: id(n), Type: "T"}))
	}
	for n, stream := range []string{"kept", "limited", "gone", "closed", "revived", "limited", "revived"} {
		write(stream, n)
	}
	must(cairn.SetMetadata(t.Context(), s, "limited", cairn.NoStream, cairn.StreamMetadata{MaxCount: 1}))
	must(cairn.DeleteStream(t.Context(), s, "gone", cairn.Any))
	must(cairn.DeleteStream(t.Context(), s, "revived", cairn.Any))
	must(cairn.TombstoneStream(t.Context(), s, "closed", cairn.Any))
	write("revived", 20)
	write("kept", 21)
	must(cairn.TombstoneStream(t.Context(), s, "never", cairn.Any))
}

func TestImportOfSystemEvents(t *testing.T) {
	from, to := storetest.NewReference(), storetest.NewReference()
	settle(t, from)
	text := dump(t, from)
	lines := int64(strings.Count(text, "\n"))
	if got := load(t, to, text); got.Stored != lines {
		t.Fatalf("got %+v, want all %d lines stored", got, lines)
	}
	for _, stream := range []string{"kept", "limited", "gone", "closed", "revived", "never", "missing"} {
		want, err1 := from.StreamInfo(t.Context(), stream)
		got, err2 := to.StreamInfo(t.Context(), stream)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if got.State != want.State || got.Last != want.Last || got.First != want.First {
			t.Errorf("%s: got %+v, want %+v", stream, got, want)
		}
	}
	if got := load(t, to, text); got.Stored != 0 || got.Known != lines {
		t.Fatalf("the second time: got %+v, want none stored", got)
	}
}

func TestImportIntoClosedStream(t *testing.T) {
	s := storetest.NewReference()
	if _, err := cairn.TombstoneStream(t.Context(), s, "s-4", cairn.Any); err != nil {
		t.Fatal(err)
	}
	sum, err := Import(t.Context(), s, strings.NewReader(rows(0, 10)), Options{})
	if e, ok := errors.AsType[*LineError](err); !ok || e.Number != 3 || sum.Stored != 2 {
		t.Fatalf("got %+v, %v, want an error about line 3", sum, err)
	}
	skip := Options{Invalid: func(*LineError) error { return nil }}
	sum, err = Import(t.Context(), s, strings.NewReader(rows(0, 10)), skip)
	if err != nil || sum.Stored != 5 || sum.Known != 2 || sum.Invalid != 3 {
		t.Fatalf("got %+v, %v", sum, err)
	}
}

func TestImportOfEventsAroundTombstone(t *testing.T) {
	s := storetest.NewReference()
	text := row(1, "a", "T", "1") + row(2, "a", cairn.TypeStreamDeleted, "1") + row(3, "b", "T", "1") + row(4, "a", "T", "1")
	sum, err := Import(t.Context(), s, strings.NewReader(text), Options{})
	if e, ok := errors.AsType[*LineError](err); !ok || e.Number != 4 || sum.Stored != 3 {
		t.Fatalf("got %+v, %v, want an error about line 4", sum, err)
	}
}

// TestImportKeepsDeletionsInOrder has lines that would mean something else if a
// stream and its metadata were written at once.
func TestImportKeepsDeletionsInOrder(t *testing.T) {
	gone := `{"$tb":9223372036854775807}`
	tests := []struct {
		name, text string
		want       cairn.StreamState
		first      cairn.Revision
	}{
		{"deleted, then written to", row(1, "s", "T", "1") + row(2, "$$s", "$metadata", gone) + row(3, "s", "T", "1"), cairn.StreamLive, 1},
		{"written to, then deleted", row(1, "s", "T", "1") + row(2, "$$s", "$metadata", gone) + row(3, "t", "T", "1") +
			row(4, "s", "T", "1") + row(5, "$$s", "$metadata", gone), cairn.StreamSoftDeleted, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := storetest.NewReference()
			load(t, s, tt.text)
			got, err := s.StreamInfo(t.Context(), "s")
			if err != nil || got.State != tt.want || got.First != tt.first {
				t.Fatalf("got %+v, %v, want it %v from revision %v", got, err, tt.want, tt.first)
			}
		})
	}
}
