package kurrentdb

import (
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/internal/importer"
)

// scavenged is a log from which the first events of streams are gone, as they
// are in a KurrentDB that was scavenged.
func scavenged(yield func(cairn.Recorded, error) bool) {
	n := byte(0)
	put := func(stream string, at cairn.Revision, kind, data string) bool {
		n++
		return yield(cairn.Recorded{Stream: stream, Revision: at, Position: cairn.Position(n),
			Event: cairn.Event{ID: cairn.ID{1, n}, Type: kind, Data: []byte(data)}}, nil)
	}
	_ = put("$$early", 3, cairn.TypeMetadata, `{"$tb":5,"mine":1}`) && // all before it are gone
		put("early", 5, "t", "5") && put("early", 6, "t", "6") &&
		put("late", 3, "t", "3") && put("late", 4, "t", "4") && put("late", 5, "t", "5") &&
		put("$$late", 0, cairn.TypeMetadata, `{"$tb":5}`) && // of which three are gone
		put("$$empty", 2, cairn.TypeMetadata, `{"$tb":9,"$maxCount":3}`) && // nothing is left
		put("$$deleted", 0, cairn.TypeMetadata, `{"$tb":9223372036854775807}`) &&
		put("whole", 0, "t", "0") && put("whole", 1, "t", "1") &&
		put("$$whole", 0, cairn.TypeMetadata, `{"$tb":1}`)
}

// TestTruncationMoves: the same events can be read, although their revisions are
// others; and a second time nothing changes.
func TestTruncationMoves(t *testing.T) {
	s, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var head cairn.Position
	for run := range 2 {
		l := newLedger(false)
		if _, err := importer.Events(t.Context(), s, l.entering(scavenged), importer.Options{}); err != nil {
			t.Fatal(err)
		}
		if err := move(t.Context(), s, l); err != nil {
			t.Fatal(err)
		}
		for stream, want := range map[string]string{"early": "5 6", "late": "5", "empty": "", "deleted": "", "whole": "1"} {
			if got := visible(t, s, stream); got != want {
				t.Errorf("run %d: of %s one can read %q, want %q", run, stream, got, want)
			}
		}
		there := newLedger(false)
		if err := there.fill(s.ReadAll(t.Context(), cairn.AllOptions{})); err != nil {
			t.Fatal(err)
		}
		var r Report
		r.source(l)
		if r.compare(l, there); len(r.Differ) > 0 || r.Moved != 2 {
			t.Errorf("run %d: %+v", run, r)
		}
		info, err := s.Info(t.Context())
		if err != nil || run == 1 && info.Head != head {
			t.Errorf("the second run wrote something: %v, %v", info, err)
		}
		head = info.Head
	}
	if _, err := s.Append(t.Context(), "empty", cairn.NoStream, cairn.Event{Type: "t", Data: []byte("new")}); err != nil || visible(t, s, "empty") != "new" {
		t.Errorf("of what is new one can read %q, %v", visible(t, s, "empty"), err)
	}
	info, err := s.StreamInfo(t.Context(), "early")
	if err != nil || string(info.Metadata.Custom["mine"]) != "1" {
		t.Errorf("the other keys are %v, %v", info.Metadata.Custom, err)
	}
}

func visible(t *testing.T, s cairn.Store, stream string) (all string) {
	t.Helper()
	for e, err := range s.ReadStream(t.Context(), stream, cairn.ReadOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		if all != "" {
			all += " "
		}
		all += string(e.Data)
	}
	return all
}
