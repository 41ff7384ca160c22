//go:build linux

package disk_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// smallDisk mounts a file system of a few mebibytes.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("a small disk cannot be mounted: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return dir
}

// TestFullDisk fills a disk. Writes are refused as long as it is full, and only
// as long, while all else goes on.
func TestFullDisk(t *testing.T) {
	for name, o := range map[string]*disk.Options{
		"in big segments":   (&disk.Options{SegmentSize: 32 << 20}).Hurry(200, 1000),
		"in small segments": (&disk.Options{SegmentSize: 256 << 10}).Hurry(200, 1000),
		"in tiny segments":  (&disk.Options{SegmentSize: 4 << 10}).Hurry(20, 60),
	} {
		t.Run(name, func(t *testing.T) {
			fills(t, smallDisk(t, "12m"), o)
		})
	}
}

func fills(t *testing.T, mount string, o *disk.Options) {
	dir, ballast := filepath.Join(mount, "store"), filepath.Join(mount, "ballast")
	write(t, ballast, string(make([]byte, 5<<20)))
	s, h, made := open(t, dir, o), &history{}, uint64(0)
	g := newGenerator(seed(t), &made)
	followed := make(chan cairn.Position, 1<<16)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- follow(ctx, s, followed) }()

	fill(t, s, h, g)
	check(t, s, h.now())
	info, err := s.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	arrive(t, followed, ended, info.Head)

	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	last := resume(t, s, h, g)
	arrive(t, followed, ended, last)
	fill(t, s, h, g)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the follower ended with %v", err)
	}
	_ = s.Close() // the index may not be able to write what it has yet to

	readable(t, dir, h)
	if err := syscall.Mount("", mount, "", syscall.MS_REMOUNT, "size=40m"); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, o)
	check(t, s, h.now())
	checkKeys(t, s, h.now())
	resume(t, s, h, g)
	check(t, s, h.now())
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := disk.Verify(t.Context(), dir, nil); err != nil {
		t.Error(err)
	}
}

// fill writes until the disk is full, and then some.
func fill(t *testing.T, s cairn.Store, h *history, g *generator) {
	t.Helper()
	for full := 0; full < 15; {
		b := g.batch()
		if g.rng.IntN(2) == 0 && full == 0 {
			b = cairn.Batch{Writes: []cairn.Write{g.write(g.stream(), 3, 20_000)}}
		}
		err := h.commit(t.Context(), s, b)
		switch {
		case errors.Is(err, cairn.ErrNoSpace):
			full++
		case err != nil && !isOf(err, cairn.ErrConflict, cairn.ErrStreamDeleted):
			t.Fatalf("a write to a full disk fails with %v", err)
		}
	}
}

// resume writes until writes succeed again, which they may not at once.
func resume(t *testing.T, s cairn.Store, h *history, g *generator) (last cairn.Position) {
	t.Helper()
	for stored := 0; stored < 20; {
		b := cairn.Batch{Writes: []cairn.Write{g.write("again", 1, 1000)}}
		b.Writes[0].Expected = cairn.Any
		err := h.commit(t.Context(), s, b)
		switch {
		case err == nil:
			stored++
		case !errors.Is(err, cairn.ErrNoSpace):
			t.Fatalf("a write to a disk with room again fails with %v", err)
		}
		runtime.Gosched()
	}
	info, err := s.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info.Head
}

// readable opens the store for reading.
func readable(t *testing.T, dir string, h *history) {
	t.Helper()
	s := open(t, dir, &disk.Options{ReadOnly: true})
	check(t, s, h.now())
	if _, err := s.Append(t.Context(), "s", cairn.Any, cairn.Event{Type: "t"}); !errors.Is(err, cairn.ErrReadOnly) {
		t.Errorf("a write to a store opened for reading: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// follow sends the positions of all events.
func follow(ctx context.Context, s cairn.Store, to chan<- cairn.Position) error {
	for e, err := range s.ReadAll(ctx, cairn.AllOptions{Follow: true}) {
		if err != nil {
			return err
		}
		to <- e.Position
	}
	return nil
}

// arrive waits until a follower has come to p, and checks that it left nothing
// out.
func arrive(t *testing.T, followed <-chan cairn.Position, ended <-chan error, p cairn.Position) {
	t.Helper()
	for last := cairn.Position(0); last < p; {
		select {
		case at := <-followed:
			if last > 0 && at != last+1 {
				t.Fatalf("the follower got position %d behind %d", at, last)
			}
			last = at
		case err := <-ended:
			t.Fatalf("the follower ends at %d, before %d: %v", last, p, err)
		}
	}
}

// TestReadOnlyDisk opens a store on a disk that cannot be written to.
func TestReadOnlyDisk(t *testing.T) {
	mount := smallDisk(t, "64m")
	dir := filepath.Join(mount, "store")
	h := filled(t, dir)
	for _, state := range []string{"closed", "behind", "without an index"} {
		t.Run(state, func(t *testing.T) {
			switch state {
			case "behind":
				copied := filepath.Join(mount, "copy")
				s, made := open(t, dir, nil), uint64(1)<<40
				h.write(t.Context(), s, newGenerator(9, &made), 20)
				if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
					t.Fatal(err)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				if err := errors.Join(os.RemoveAll(dir), os.Rename(copied, dir)); err != nil {
					t.Fatal(err)
				}
			case "without an index":
				if err := os.RemoveAll(dir + "/index"); err != nil {
					t.Fatal(err)
				}
			}
			if err := syscall.Mount("", mount, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = syscall.Mount("", mount, "", syscall.MS_REMOUNT, "") }()
			if _, err := disk.Open(dir, nil); !errors.Is(err, syscall.EROFS) {
				t.Errorf("to write: %v", err)
			}
			readable(t, dir, h)
			if _, err := disk.Verify(t.Context(), dir, nil); err != nil {
				t.Errorf("verify: %v", err)
			}
		})
	}
}
