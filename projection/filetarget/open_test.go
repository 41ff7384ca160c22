package filetarget

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cairndb/cairn/projection"
)

// TestOneProcess opens a directory twice.
func TestOneProcess(t *testing.T) {
	dir := t.TempDir()
	first, err := Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(dir, nil)
	if err == nil || !strings.Contains(err.Error(), dir) || first.Fault(err) != projection.FaultSetup {
		t.Fatalf("got %v, want ErrLocked with the directory", err)
	}
	for range 2 {
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
	}
	second, err := Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	if err := step(t.Context(), second, 1); second.Fault(err) != projection.FaultSetup {
		t.Fatalf("a closed target: %v", err)
	}
}

// TestDirectories makes those above, and is content with what it may not look into.
func TestDirectories(t *testing.T) {
	above := t.TempDir()
	dir := filepath.Join(above, "shop", "files")
	for range 2 {
		target, err := Open(dir, nil)
		if err == nil {
			err = target.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.MkdirAll(filepath.Join(dir, "lost+found"), 0), os.Chmod(filepath.Join(above, "shop"), 0o300)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(above, "shop"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(above, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "files")} {
		if _, err := Open(dir, nil); err == nil || errors.Is(err, fs.ErrPermission) {
			t.Fatalf("a file for a directory: %v", err)
		}
	}
}
