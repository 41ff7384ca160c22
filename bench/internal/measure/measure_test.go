package measure

import (
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

func TestUsageCountsWorkAndWrites(t *testing.T) {
	before, err := Self()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "file")
	data := make([]byte, 1<<20)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	for start := time.Now(); time.Since(start) < 20*time.Millisecond; {
	}
	after, err := Self()
	if err != nil {
		t.Fatal(err)
	}
	used := after.Sub(before)
	if used.CPU <= 0 {
		t.Errorf("used %v of processor time", used.CPU)
	}
	if tmpfs := strings.HasPrefix(fileSystem(path), "tmpfs"); used.Written < 1<<20 && !tmpfs {
		t.Errorf("wrote %d bytes", used.Written)
	}
	if n, err := Allocated(filepath.Dir(path)); err != nil || n < 1<<20 {
		t.Errorf("allocated %d, %v", n, err)
	}
}

func TestFamilyIncludesTheProcessItself(t *testing.T) {
	u, err := Family(os.Getpid())
	if err != nil {
		t.Skip("/proc/PID/io is not readable: ", err)
	}
	if parent, err := Parent(os.Getpid()); err != nil || parent != os.Getppid() {
		t.Errorf("parent %d, %v; want %d", parent, err, os.Getppid())
	}
	if u.CPU < 0 {
		t.Errorf("used %v", u.CPU)
	}
}

func TestAtticEmpties(t *testing.T) {
	dir := t.TempDir()
	a, err := NewAttic(dir)
	if err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(dir, "run")
	if err := os.MkdirAll(run, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(run, "file"), make([]byte, 4096), 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it does not exist any more
		if err := a.Keep(run); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Empty(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestThisMachine(t *testing.T) {
	m := ThisMachine(t.TempDir())
	if m.CPU == "" || m.Cores < 1 || m.Memory <= 0 || m.FileSystem == "" || !strings.HasPrefix(m.Kernel, "Linux ") {
		t.Errorf("%+v", m)
	}
}
