package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// stopping hands out a text and then ends the context and blocks, as a
// terminal does whose user presses ctrl-C.
type stopping struct {
	text *bytes.Reader
	stop func()
	end  <-chan struct{}
}

func (s *stopping) Read(b []byte) (int, error) {
	if s.text.Len() > 0 {
		return s.text.Read(b)
	}
	s.stop()
	<-s.end
	return 0, io.EOF
}

func TestInterruptedImportGoesOn(t *testing.T) {
	store := filepath.Join(t.TempDir(), "store")
	all := history(0, 3000)
	ctx, stop := context.WithCancel(t.Context())
	in := &stopping{bytes.NewReader(all[:len(all)*2/3]), stop, t.Context().Done()}
	var out, errs bytes.Buffer
	if status := Run(ctx, []string{"import", "-", "--store", store}, in, &out, &errs); status != statusInterrupted {
		t.Fatalf("status %d, want %d; %s", status, statusInterrupted, &errs)
	}
	if !strings.HasPrefix(errs.String(), "cairn: interrupted\nhint: ") || !strings.Contains(errs.String(), "run this again to go on") || out.Len() > 0 {
		t.Fatalf("printed %q and %q", &out, &errs)
	}
	if status := Run(t.Context(), []string{"import", "-", "--store", store}, bytes.NewReader(all), io.Discard, &errs); status != statusOK {
		t.Fatalf("the second run: %s", &errs)
	}
	if status := Run(t.Context(), []string{"export", "--store", store}, nil, &out, &errs); status != statusOK || !bytes.Equal(out.Bytes(), all) {
		t.Fatalf("status %d, %d bytes came out of %d", status, out.Len(), len(all))
	}
}

func TestInterruptedAppendStoresNothing(t *testing.T) {
	store := filepath.Join(t.TempDir(), "store")
	ctx, stop := context.WithCancel(t.Context())
	in := &stopping{bytes.NewReader([]byte(`{"a"`)), stop, t.Context().Done()}
	var errs bytes.Buffer
	args := []string{"append", "a", "b", "--data", "-", "--store", store}
	if status := Run(ctx, args, in, io.Discard, &errs); status != statusInterrupted {
		t.Fatalf("status %d, want %d; %s", status, statusInterrupted, &errs)
	}
	if _, err := os.Stat(store); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("a store was made: %v", err)
	}
}

// full is a writer that has no room.
type full struct{}

var errFull = errors.New("full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestFailedOutput(t *testing.T) {
	store := filepath.Join(t.TempDir(), "store")
	if status := Run(t.Context(), []string{"import", "-", "--store", store}, bytes.NewReader(history(0, 500)), io.Discard, io.Discard); status != statusOK {
		t.Fatal("import failed")
	}
	for _, args := range [][]string{{"export"}, {"read", "$all"}, {"read", "$all", "--json"}, {"stat"}, {"stat", "--json"}, {"version"}} {
		var errs bytes.Buffer
		status := Run(t.Context(), append(args, "--store", store), nil, full{}, &errs)
		if status != statusFailed || errs.String() != "cairn: full\n" {
			t.Errorf("%q: status %d, %q", args, status, &errs)
		}
	}
}

func TestInterruptedExportLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	store := filepath.Join(dir, "store")
	if status := Run(t.Context(), []string{"import", "-", "--store", store}, bytes.NewReader(history(0, 10)), io.Discard, io.Discard); status != statusOK {
		t.Fatal("import failed")
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var errs bytes.Buffer
	status := Run(ctx, []string{"export", "--store", store, "--output", filepath.Join(dir, "out.gz")}, nil, io.Discard, &errs)
	if status != statusInterrupted {
		t.Fatalf("status %d, %s", status, &errs)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Fatalf("left behind: %v", files)
	}
}
