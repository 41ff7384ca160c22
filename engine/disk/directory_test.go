package disk_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// filled makes a store of many segments and closes it.
func filled(t *testing.T, dir string) *history {
	t.Helper()
	h, made := &history{}, uint64(0)
	s := open(t, dir, hurried(nil))
	h.write(t.Context(), s, newGenerator(7, &made), 150)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return h
}

// segments are the files of the log, in order.
func segments(t *testing.T, dir string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "log", "*.seg"))
	if err != nil || len(all) < 5 {
		t.Fatal(all, err)
	}
	return all
}

// contents are the names and bytes of all files in a directory, but for the
// lock's.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			all[path] = ""
			return err
		}
		if name := filepath.Base(path); name == "LOCK" || name == "OWNER" {
			return nil
		}
		b, err := os.ReadFile(path)
		all[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// edit changes the bytes of a file.
func edit(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(change(b)))
}

// TestRefusedDirectories are left as they are.
func TestRefusedDirectories(t *testing.T) {
	manifest := func(text string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			filled(t, dir)
			write(t, filepath.Join(dir, "CAIRN"), text)
		}
	}
	tests := map[string]struct {
		prepare func(t *testing.T, dir string)
		options disk.Options
		want    error
	}{
		"other files":           {func(t *testing.T, dir string) { write(t, dir+"/notes.txt", "x") }, disk.Options{}, disk.ErrNotStore},
		"another database":      {func(t *testing.T, dir string) { write(t, dir+"/index/MANIFEST-000001", "x") }, disk.Options{}, disk.ErrNotStore},
		"missing, must exist":   {nil, disk.Options{MustExist: true}, disk.ErrNotStore},
		"missing, read-only":    {nil, disk.Options{ReadOnly: true}, disk.ErrNotStore},
		"empty, must exist":     {func(t *testing.T, dir string) { _ = os.Mkdir(dir, 0o755) }, disk.Options{MustExist: true}, disk.ErrNotStore},
		"empty, read-only":      {func(t *testing.T, dir string) { _ = os.Mkdir(dir, 0o755) }, disk.Options{ReadOnly: true}, disk.ErrNotStore},
		"a file":                {func(t *testing.T, dir string) { write(t, dir, "x") }, disk.Options{}, disk.ErrNotStore},
		"newer format":          {manifest(`{"format":2,"id":"x","what":[1]}`), disk.Options{}, disk.ErrFormat},
		"newer, read-only":      {manifest(`{"format":99}`), disk.Options{ReadOnly: true}, disk.ErrFormat},
		"manifest of nonsense":  {manifest("#"), disk.Options{}, disk.ErrNotStore},
		"manifest empty":        {manifest(""), disk.Options{}, disk.ErrNotStore},
		"manifest without ID":   {manifest(`{"format":1}`), disk.Options{}, disk.ErrNotStore},
		"manifest of version 0": {manifest(`{"format":0}`), disk.Options{}, disk.ErrNotStore},
		"newer segment": {func(t *testing.T, dir string) {
			filled(t, dir)
			all := segments(t, dir)
			edit(t, all[len(all)-1], func(b []byte) []byte { return seal(b, func(h []byte) { h[8] = 2 }) })
		}, disk.Options{}, disk.ErrFormat},
		"segment of another store": {func(t *testing.T, dir string) {
			filled(t, dir)
			all := segments(t, dir)
			edit(t, all[len(all)-1], func(b []byte) []byte { return seal(b, func(h []byte) { h[20]++ }) })
		}, disk.Options{}, cairn.ErrCorrupt},
		"segment missing in the middle": {func(t *testing.T, dir string) {
			filled(t, dir)
			_ = os.Remove(segments(t, dir)[2])
		}, disk.Options{}, cairn.ErrCorrupt},
		"log directory missing": {func(t *testing.T, dir string) { filled(t, dir); _ = os.RemoveAll(dir + "/log") }, disk.Options{}, cairn.ErrCorrupt},
		"all segments missing": {func(t *testing.T, dir string) {
			filled(t, dir)
			for _, s := range segments(t, dir) {
				_ = os.Remove(s)
			}
		}, disk.Options{}, cairn.ErrCorrupt},
		"last segment missing": {func(t *testing.T, dir string) {
			filled(t, dir)
			all := segments(t, dir)
			_ = os.Remove(all[len(all)-1])
		}, disk.Options{}, cairn.ErrCorrupt},
		"segments too small": {nil, disk.Options{SegmentSize: 10}, cairn.ErrInvalid},
		"segments too big":   {nil, disk.Options{SegmentSize: 1 << 40}, cairn.ErrInvalid},
		"negative cache":     {nil, disk.Options{CacheSize: -1}, cairn.ErrInvalid},
		"negative tail":      {nil, disk.Options{TailSize: -1}, cairn.ErrInvalid},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			base := t.TempDir()
			dir := filepath.Join(base, "store")
			if test.prepare != nil {
				test.prepare(t, dir)
			}
			before := contents(t, base)
			s, err := disk.Open(dir, &test.options)
			if s != nil || !errors.Is(err, test.want) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			t.Log(err)
			for path, text := range contents(t, base) {
				derived := strings.Contains(path, "/index/") && errors.Is(test.want, cairn.ErrCorrupt) || errors.Is(test.want, disk.ErrFormat)
				if was, ok := before[path]; (!ok || was != text) && !derived {
					t.Errorf("%s changed", strings.TrimPrefix(path, base))
				}
			}
			_, known := before[filepath.Join(dir, "CAIRN")]
			if _, err := os.Stat(filepath.Join(dir, "LOCK")); err == nil && errors.Is(test.want, disk.ErrNotStore) && !known {
				t.Error("a lock was left in what is no store")
			}
		})
	}
}
