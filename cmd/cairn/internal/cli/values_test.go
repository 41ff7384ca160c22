package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
)

func TestBody(t *testing.T) {
	file := filepath.Join(t.TempDir(), "body")
	if err := os.WriteFile(file, []byte("from a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	for given, want := range map[body]string{
		"": "", "-": "from standard input", "itself": "itself", body("@" + file): "from a file", "--": "--",
	} {
		got, err := given.read(strings.NewReader("from standard input"))
		if err != nil || string(got) != want {
			t.Errorf("%q: got %q, %v, want %q", given, got, err, want)
		}
	}
	if _, err := body("@" + file + "x").read(nil); !os.IsNotExist(err) {
		t.Errorf("a missing file: got %v", err)
	}
}

func TestParseExpected(t *testing.T) {
	for s, want := range map[string]cairn.Revision{
		"any": cairn.Any, "no-stream": cairn.NoStream, "stream-exists": cairn.StreamExists, "0": 0, "9223372036854775807": cairn.TombstoneRevision,
	} {
		if got, err := parseExpected(s); err != nil || got != want {
			t.Errorf("%q: got %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "-1", "-2", "Any", "1.5", "9223372036854775808", "0x1", "no stream"} {
		if got, err := parseExpected(s); err == nil {
			t.Errorf("%q: got %v, want an error", s, got)
		}
	}
}

func TestParseFormat(t *testing.T) {
	for s, want := range map[string]cairn.Format{"json": cairn.JSON, "binary": cairn.Binary, "protobuf": cairn.Protobuf, "avro": cairn.Avro} {
		if got, err := parseFormat(s); err != nil || got != want {
			t.Errorf("%q: got %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "JSON", "format 4"} {
		if got, err := parseFormat(s); err == nil {
			t.Errorf("%q: got %v, want an error", s, got)
		}
	}
}

func TestParseTime(t *testing.T) {
	noon := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	for s, want := range map[string]time.Time{
		"2024-05-01T12:00:00Z":        noon,
		"2024-05-01T14:00:00+02:00":   noon,
		"2024-05-01T12:00:00.000001Z": noon.Add(time.Microsecond),
		"2024-05-01T12:00:00":         noon,
		"2024-05-01 12:00:00":         noon,
		"2024-05-01":                  time.Date(2024, 5, 1, 23, 59, 59, 999999999, time.UTC),
		"2024-02-29":                  time.Date(2024, 2, 29, 23, 59, 59, 999999999, time.UTC),
	} {
		if got, err := parseTime("as-of", s); err != nil || !got.Equal(want) {
			t.Errorf("%q: got %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "2024", "2023-02-29", "12:00", "now", "2024-05-01T25:00:00Z"} {
		if got, err := parseTime("as-of", s); err == nil {
			t.Errorf("%q: got %v, want an error", s, got)
		}
	}
}

func TestQuote(t *testing.T) {
	for s, want := range map[string]string{
		"order-1": "order-1", "$all": "'$all'", "": "''", "it's": `'it'\''s'`, "a b": "'a b'", "file-x/y.go": "file-x/y.go", "é": "'é'",
	} {
		if got := quote(s); got != want {
			t.Errorf("%q: got %s, want %s", s, got, want)
		}
	}
}
