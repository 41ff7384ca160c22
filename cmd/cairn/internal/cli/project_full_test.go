package cli

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestProjectWithFailedOutput: what cannot be said is a failure, also if it was the
// last that there was to say; and the projection ends before its store is closed.
func TestProjectWithFailedOutput(t *testing.T) {
	dir := t.TempDir()
	store, file := filepath.Join(dir, "store"), filepath.Join(dir, "p.yaml")
	declared := "projection: p\ntables:\n  t: {columns: {s: text, n: integer}, key: [s]}\n" +
		"on:\n  - {events: added, upsert: t, key: {s: event.stream}, add: {n: 1}}\n"
	if err := os.WriteFile(file, []byte(declared), 0o600); err != nil {
		t.Fatal(err)
	}
	if status := Run(t.Context(), []string{"append", "a", "added", "--data", "{}", "--store", store}, nil, io.Discard, io.Discard); status != statusOK {
		t.Fatal("append failed")
	}
	for _, end := range [][]string{{"--once"}, nil} {
		var errs bytes.Buffer
		args := append([]string{"project", "-f", file, "--target", "sqlite:" + filepath.Join(dir, "p.db"), "--store", store}, end...)
		if status := Run(t.Context(), args, nil, full{}, &errs); status != statusFailed || errs.String() != "cairn: full\n" {
			t.Errorf("%v: status %d, %q", end, status, &errs)
		}
	}
}
