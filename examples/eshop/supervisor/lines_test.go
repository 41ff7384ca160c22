package supervisor

import (
	"strings"
	"testing"
)

// TestLines: lines are whole, however they arrive, and bounded.
func TestLines(t *testing.T) {
	var out strings.Builder
	heard := 0
	s := &speaker{name: "a", to: NewLines(&out), heard: func(string) { heard++ }}
	for _, part := range []string{"one\ntw", "o", "\n\nbroken \xff", "\n" + strings.Repeat("x", longest+10), "no end"} {
		if n, err := s.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	s.end()
	got := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	const name = "a            | "
	want := []string{name + "one", name + "two", name, name + "broken \uFFFD", name + strings.Repeat("x", longest+10), name + "no end"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") || heard != len(want) {
		t.Errorf("%d lines, %d heard; %.100q", len(got), heard, got)
	}
}
