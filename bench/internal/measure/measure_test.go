package measure

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestHistogramQuantiles(t *testing.T) {
	var odd, even, all Histogram
	for i := 1; i <= 100_000; i++ {
		h := &odd
		if i%2 == 0 {
			h = &even
		}
		h.Add(time.Duration(i) * time.Microsecond)
	}
	all.Merge(&odd)
	all.Merge(&even)
	if all.Count() != 100_000 {
		t.Fatalf("count %d", all.Count())
	}
	for _, q := range []float64{0, 0.01, 0.5, 0.99, 1} {
		want := max(q*100_000, 1) * 1e3
		if got := float64(all.Quantile(q)); math.Abs(got-want) > want*0.04 {
			t.Errorf("quantile %v is %v, want about %v", q, got, want)
		}
	}
}

func TestHistogramHoldsAnyDuration(t *testing.T) {
	for _, d := range []time.Duration{-1, 0, 1, 31, 32, 33, 63, 64, 65, time.Hour, math.MaxInt64} {
		var h Histogram
		h.Add(d)
		want := float64(max(d, 0))
		if got := float64(h.Quantile(0.5)); math.Abs(got-want) > want/32+1 {
			t.Errorf("%d came back as %v", d, got)
		}
	}
	if new(Histogram).Quantile(0.5) != 0 {
		t.Error("an empty histogram has a quantile")
	}
}

func TestWorkAndWritesAreCounted(t *testing.T) {
	dir := t.TempDir()
	before, err := CPU()
	if err != nil {
		t.Fatal(err)
	}
	written, deviceErr := Flushed(dir)
	if err := os.WriteFile(filepath.Join(dir, "file"), bytes.Repeat([]byte("x"), 1<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	for start := time.Now(); time.Since(start) < 20*time.Millisecond; {
	}
	if after, err := CPU(); err != nil || after <= before {
		t.Errorf("used %v of processor time, %v", after-before, err)
	}
	if n, err := Allocated(dir); err != nil || n < 1<<20 {
		t.Errorf("allocated %d, %v", n, err)
	}
	if deviceErr != nil {
		t.Skip("the file system has no device that counts: ", deviceErr)
	}
	if after, err := Flushed(dir); err != nil || after-written < 1<<20 {
		t.Errorf("wrote %d bytes, %v", after-written, err)
	}
}

func TestFamilyIncludesTheProcessItself(t *testing.T) {
	for start := time.Now(); time.Since(start) < 20*time.Millisecond; {
	}
	if cpu, err := FamilyCPU(os.Getpid()); err != nil || cpu <= 0 {
		t.Errorf("used %v, %v", cpu, err)
	}
	if parent, err := Parent(os.Getpid(), "measure.test"); err != nil || parent != os.Getppid() {
		t.Errorf("parent %d, %v; want %d", parent, err, os.Getppid())
	}
	if _, err := Parent(os.Getpid(), "postgres"); err == nil {
		t.Error("the parent of a process of another name was found")
	}
}

func TestRemove(t *testing.T) {
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	for _, ctx := range []context.Context{t.Context(), interrupted} {
		dir := filepath.Join(t.TempDir(), "run")
		if err := os.MkdirAll(filepath.Join(dir, "deep"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "deep", "file"), make([]byte, 4096), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := Remove(ctx, dir); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("it is still there: %v", err)
		}
	}
}

func TestThisMachine(t *testing.T) {
	m := ThisMachine(t.TempDir())
	if m.CPU == "" || m.Cores < 1 || m.Memory <= 0 || m.FileSystem == "" || !strings.HasPrefix(m.Kernel, "Linux ") {
		t.Errorf("%+v", m)
	}
}
