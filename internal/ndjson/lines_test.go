package ndjson

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReader(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	in := "\ufeffone\r\n\n  \ntwo\n" + long + "\nlast"
	for name, r := range map[string]io.Reader{
		"whole":       strings.NewReader(in),
		"in pieces":   iotest.HalfReader(strings.NewReader(in)),
		"end at once": iotest.DataErrReader(strings.NewReader(in)),
	} {
		t.Run(name, func(t *testing.T) {
			lines := NewReader(r)
			var got []string
			var numbers []int
			line, err := lines.Next()
			for ; err == nil; line, err = lines.Next() {
				got, numbers = append(got, string(line)), append(numbers, lines.Number())
			}
			if err != io.EOF || !slices.Equal(got, []string{"one", "two", long, "last"}) || !slices.Equal(numbers, []int{1, 4, 5, 6}) {
				t.Fatalf("got %.80q at %v, %v", got, numbers, err)
			}
		})
	}
}

func TestReaderGoesOnAfterALongLine(t *testing.T) {
	lines := NewReader(io.MultiReader(
		bytes.NewReader(make([]byte, MaxLine+1)),
		strings.NewReader("\nnext\n"),
	))
	if _, err := lines.Next(); !errors.Is(err, ErrTooLong) || lines.Number() != 1 {
		t.Fatalf("got %v at line %d, want ErrTooLong", err, lines.Number())
	}
	if line, err := lines.Next(); err != nil || string(line) != "next" || lines.Number() != 2 {
		t.Fatalf("got %q, %v at line %d", line, err, lines.Number())
	}
}

func TestReaderReportsFailure(t *testing.T) {
	broken := errors.New("broken")
	lines := NewReader(io.MultiReader(strings.NewReader("one\ntw"), iotest.ErrReader(broken)))
	if line, err := lines.Next(); err != nil || string(line) != "one" {
		t.Fatalf("got %q, %v", line, err)
	}
	if line, err := lines.Next(); !errors.Is(err, broken) {
		t.Fatalf("got %q, %v: half a line must not pass for a whole one", line, err)
	}
}
