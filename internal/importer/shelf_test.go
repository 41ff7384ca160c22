package importer

import (
	"errors"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/storetest"
)

// TestShelves holds both shelves to the same.
func TestShelves(t *testing.T) {
	for _, c := range []struct {
		name   string
		memory int
	}{{"in a directory", 0}, {"in memory", 100}} {
		t.Run(c.name, func(t *testing.T) {
			s, err := (&Options{Memory: c.memory}).open()
			if err != nil {
				t.Fatal(err)
			}
			defer s.close()
			met := identity{"a", id(1)}
			for _, err := range []error{s.put("a", standing{3, false}), s.put("b", standing{-1, true}), s.hold(met), s.flush()} {
				if err != nil {
					t.Fatal(err)
				}
			}
			for stream, want := range map[string]standing{"a": {3, false}, "b": {-1, true}} {
				if got, ok, err := s.standing(stream); got != want || !ok || err != nil {
					t.Errorf("stream %q: got %v, %v, %v, want %v", stream, got, ok, err, want)
				}
			}
			for who, want := range map[identity]bool{met: true, {"b", id(1)}: false, {"a", id(2)}: false} {
				if got, err := s.holds(who); got != want || err != nil {
					t.Errorf("%v: got %v, %v, want %v", who, got, err, want)
				}
			}
			if err := s.forget("a"); err != nil {
				t.Fatal(err)
			}
			if _, ok, _ := s.standing("a"); ok {
				t.Error("a forgotten stream was still met")
			}
		})
	}
}

func TestImportInMemory(t *testing.T) {
	s := storetest.NewReference()
	load(t, s, rows(0, 300))
	got, err := Import(t.Context(), s, strings.NewReader(rows(0, 400)), Options{Memory: 1000})
	if err != nil || got.Stored != 100 || got.Known != 300 {
		t.Fatalf("got %+v, %v, want 100 stored and 300 known", got, err)
	}
}

func TestImportRemembersNoMoreThanAllowed(t *testing.T) {
	s := storetest.NewReference()
	got, err := Import(t.Context(), s, strings.NewReader(rows(0, 2000)), Options{Memory: 1000})
	if !errors.Is(err, ErrTooMany) || got.Stored < 512 || got.Stored > 1100 {
		t.Fatalf("got %+v, %v, want an end near 1000 events", got, err)
	}
}

func TestImportAsksBeforeItTakes(t *testing.T) {
	s := storetest.NewReference()
	no := errors.New("not yours")
	var asked []string
	text := row(1, "a", "T", "1") + row(2, "a", "T", "2") + row(3, "b", "T", "3") + row(4, "a", cairn.TypeStreamDeleted, "null")
	got, err := Import(t.Context(), s, strings.NewReader(text), Options{Admit: func(stream string, closes bool) error {
		asked = append(asked, stream)
		if closes {
			return no
		}
		return nil
	}})
	e, ok := errors.AsType[*LineError](err)
	if !ok || e.Number != 4 || !errors.Is(err, no) || got.Stored != 3 {
		t.Fatalf("got %+v, %v, want line 4 refused", got, err)
	}
	if strings.Join(asked, " ") != "a b a" {
		t.Errorf("asked about %v, want a, b and a again before it is closed", asked)
	}
}
