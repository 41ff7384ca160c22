package disk_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// seal changes a segment's header and makes its sum right.
func seal(segment []byte, change func(header []byte)) []byte {
	change(segment)
	sum := crc32.Checksum(segment[:48], crc32.MakeTable(crc32.Castagnoli))
	binary.LittleEndian.PutUint32(segment[48:], sum)
	return segment
}

// whole opens a store and holds it against what was attempted.
func whole(t *testing.T, dir string, h *history) {
	t.Helper()
	s := open(t, dir, hurried(nil))
	check(t, s, h.now())
	checkKeys(t, s, h.now())
	made, later := uint64(1)<<60, &history{}
	later.write(t.Context(), s, newGenerator(1, &made), 20)
	check(t, s, later.now())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := disk.Verify(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
}

func TestTheIndexIsBuiltAgain(t *testing.T) {
	tests := map[string]func(t *testing.T, dir string){
		"deleted": func(t *testing.T, dir string) { _ = os.RemoveAll(dir + "/index") },
		"empty": func(t *testing.T, dir string) {
			_ = os.RemoveAll(dir + "/index")
			_ = os.Mkdir(dir+"/index", 0o755)
		},
		"of another store": func(t *testing.T, dir string) {
			other := t.TempDir()
			filled(t, other)
			_ = os.RemoveAll(dir + "/index")
			if err := os.Rename(other+"/index", dir+"/index"); err != nil {
				t.Fatal(err)
			}
		},
		"of nonsense": func(t *testing.T, dir string) {
			for path := range contents(t, dir+"/index") {
				if info, _ := os.Stat(path); !info.IsDir() {
					write(t, path, "nonsense")
				}
			}
		},
		"cut off": func(t *testing.T, dir string) {
			for path, text := range contents(t, dir+"/index") {
				if info, _ := os.Stat(path); !info.IsDir() {
					write(t, path, text[:len(text)/2])
				}
			}
		},
		"without manifest": func(t *testing.T, dir string) {
			all, _ := filepath.Glob(dir + "/index/MANIFEST-*")
			for _, path := range all {
				_ = os.Remove(path)
			}
		},
		"without tables": func(t *testing.T, dir string) {
			all, _ := filepath.Glob(dir + "/index/*.sst")
			for _, path := range all {
				_ = os.Remove(path)
			}
		},
	}
	for name, damage := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			h := filled(t, dir)
			damage(t, dir)
			whole(t, dir, h)
		})
	}
}

// TestDamagedIndex flips bytes in the index. A read may fail and say so, but
// never answer wrongly; deleting the index mends it.
func TestDamagedIndex(t *testing.T) {
	rng := rand.New(rand.NewPCG(seed(t), 0))
	rounds := 40
	if testing.Short() {
		rounds = 8
	}
	dir := t.TempDir()
	h := filled(t, dir)
	files := contents(t, dir)
	var paths []string
	for path := range contents(t, filepath.Join(dir, "index")) {
		if info, _ := os.Stat(path); !info.IsDir() {
			paths = append(paths, path)
		}
	}
	for range rounds {
		path := paths[rng.IntN(len(paths))]
		if len(files[path]) == 0 {
			continue
		}
		b := []byte(files[path])
		at := rng.IntN(len(b))
		b[at] ^= 1 << rng.IntN(8)
		write(t, path, string(b))
		s, err := disk.Open(dir, hurried(nil))
		if err == nil {
			checkHonest(t, s, h)
			_ = s.Close()
		} else if !errors.Is(err, cairn.ErrCorrupt) {
			t.Errorf("byte %d of %s: %v", at, path, err)
		}
		if _, err := disk.Verify(t.Context(), dir, nil); err != nil && !errors.Is(err, cairn.ErrCorrupt) && !errors.Is(err, disk.ErrIndex) {
			t.Errorf("byte %d of %s: verify says %v", at, path, err)
		}
		if err := os.RemoveAll(dir + "/index"); err != nil {
			t.Fatal(err)
		}
		for p, text := range files {
			if text != "" {
				write(t, p, text)
			}
		}
	}
	_ = os.RemoveAll(dir + "/index")
	whole(t, dir, h)
}

// checkHonest reads in ways that use the index: each answers as the log does, or
// with an error.
func checkHonest(t *testing.T, s cairn.Store, h *history) {
	t.Helper()
	all, err := cairn.Collect(s.ReadAll(t.Context(), cairn.AllOptions{}))
	if err != nil {
		if !errors.Is(err, cairn.ErrCorrupt) {
			t.Error(err)
		}
		return
	}
	for _, q := range []cairn.Query{cairn.ByType("t1"), cairn.ByCategory("b"), cairn.ByTag("k0"), {{Streams: []string{"a-1"}}}} {
		n := 0
		for e, err := range s.ReadAll(t.Context(), cairn.AllOptions{Query: q}) {
			if err != nil {
				if !errors.Is(err, cairn.ErrCorrupt) {
					t.Error(err)
				}
				n = -1
				break
			}
			for n < len(all) && !q.Match(&all[n]) {
				n++
			}
			if n == len(all) || all[n].Position != e.Position {
				t.Fatalf("query %v found position %d, which does not come next", q, e.Position)
			}
			n++
		}
		for ; n >= 0 && n < len(all); n++ {
			if q.Match(&all[n]) {
				t.Fatalf("query %v did not find position %d", q, all[n].Position)
			}
		}
	}
}

func TestEmptyLastSegments(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "zeros": string(make([]byte, 4096)), "half a header": "CAIRNSEG\x01\x00"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			h := filled(t, dir)
			s := open(t, dir, nil)
			info, _ := s.Info(t.Context())
			_ = s.Close()
			write(t, filepath.Join(dir, "log", segmentName(info.Head+1)), text)
			whole(t, dir, h)
		})
	}
}

func segmentName(first cairn.Position) string {
	digits := []byte("00000000000000000000")
	for i := len(digits) - 1; first > 0; i, first = i-1, first/10 {
		digits[i] = byte('0' + first%10)
	}
	return string(digits) + ".seg"
}

// TestLogBehindTheIndex cuts the log off in front of what the index knows.
func TestLogBehindTheIndex(t *testing.T) {
	for _, keep := range []int{100, 60, 10} { // percent of the last segment
		dir := t.TempDir()
		h := filled(t, dir)
		all := segments(t, dir)
		last := all[len(all)-1]
		edit(t, last, func(b []byte) []byte {
			b = bytes.TrimRight(b, "\x00")
			return b[:max(64, len(b)*keep/100-1)]
		})
		_, err := disk.Open(dir, nil)
		damage, ok := errors.AsType[*cairn.CorruptError](err)
		if !ok || damage.Path != last || damage.Offset < 64 || damage.Hint == "" {
			t.Fatalf("%d%%: %v", keep, err)
		}
		t.Log(err)
		if _, err := disk.Verify(t.Context(), dir, nil); !errors.Is(err, cairn.ErrCorrupt) {
			t.Errorf("verify says %v", err)
		}
		// What the hint offers: to go on without.
		_ = os.RemoveAll(dir + "/index")
		s := open(t, dir, hurried(nil))
		known := h.asOf(nil)
		check(t, s, known)
		_ = s.Close()
	}
}

// TestFlippedBytesAtTheEnd flips bytes in the last frames: after a clean stop,
// and after one that was not, when the index knows nothing of them.
func TestFlippedBytesAtTheEnd(t *testing.T) {
	for _, clean := range []bool{true, false} {
		dir := t.TempDir()
		s := open(t, dir, hurried(nil))
		var ends []cairn.Position
		for i := range 20 {
			r, err := s.Append(t.Context(), "s", cairn.Any, cairn.Event{Type: "t", Data: bytes.Repeat([]byte{1}, 10+i)})
			if err != nil {
				t.Fatal(err)
			}
			ends = append(ends, r.Position)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if !clean {
			_ = os.RemoveAll(dir + "/index")
		}
		files, _ := filepath.Glob(dir + "/log/*.seg")
		saved := contents(t, dir)
		path := files[0]
		length := len(bytes.TrimRight([]byte(saved[path]), "\x00"))
		for at := length - 1; at > length-300; at -= 7 {
			for p, text := range saved {
				if text != "" {
					write(t, p, text)
				}
			}
			edit(t, path, func(b []byte) []byte { b[at] ^= 4; return b })
			kept, err := 0, error(nil)
			if s, err = disk.Open(dir, hurried(nil)); err == nil {
				var all []cairn.Recorded
				all, err = cairn.Collect(s.ReadAll(t.Context(), cairn.AllOptions{}))
				kept = len(all)
				_ = s.Close()
			}
			// Only the last frame cannot be told from one that was cut off, and
			// only if nobody remembers it.
			if !errors.Is(err, cairn.ErrCorrupt) && (clean || kept < len(ends)-1) {
				t.Errorf("clean %t, byte %d of %d: %d events, %v", clean, at, length, kept, err)
			}
			if !clean {
				_ = os.RemoveAll(dir + "/index")
			}
		}
	}
}
