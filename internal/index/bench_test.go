package index

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
)

const (
	benchStreams = 10_000
	benchBatch   = 4096
)

// A feed makes events as an engine would index them: of random streams, in one
// of 10 categories and of one of 20 types each.
type feed struct {
	r         *rand.Rand
	at        Checkpoint
	names     []string
	revisions []cairn.Revision
	streams   [][]Place
	touched   []int
	terms     map[Term][]Place
	cats      []Term
	types     []Term
}

func newFeed(streams int) *feed {
	f := &feed{r: rand.New(rand.NewPCG(1, 2)), terms: map[Term][]Place{}, revisions: make([]cairn.Revision, streams), streams: make([][]Place, streams)}
	for i := range streams {
		f.names = append(f.names, fmt.Sprintf("order%d-%08d", i%10, i))
	}
	for i := range 20 {
		f.types = append(f.types, Term{Type, fmt.Sprint("order.happened.", i)})
	}
	for i := range 10 {
		f.cats = append(f.cats, Term{Category, fmt.Sprint("order", i)})
	}
	return f
}

func (f *feed) batch(b *Batch, events int) {
	for range events {
		s := f.r.IntN(len(f.names))
		f.at.Position++
		f.at.Address += uint64(350 + f.r.IntN(100))
		p := Place{f.at.Position, f.at.Address}
		if len(f.streams[s]) == 0 {
			f.touched = append(f.touched, s)
		}
		f.streams[s] = append(f.streams[s], p)
		c, t := f.cats[s%10], f.types[f.r.IntN(20)]
		f.terms[c] = append(f.terms[c], p)
		f.terms[t] = append(f.terms[t], p)
	}
	for _, s := range f.touched {
		b.Revisions(f.names[s], f.revisions[s], f.streams[s])
		f.revisions[s] += cairn.Revision(len(f.streams[s]))
		f.streams[s] = f.streams[s][:0]
	}
	f.touched = f.touched[:0]
	for t, ps := range f.terms {
		b.Places(t, ps)
		b.Count(t, uint64(len(ps)), 0)
		f.terms[t] = ps[:0]
	}
}

func openBench(b *testing.B) *Index {
	dir := b.TempDir()
	if d := os.Getenv("INDEX_BENCH_DIR"); d != "" {
		dir = d
	}
	x, err := Open(vfs.Default, dir, Options{Store: someStore, CacheSize: 64 << 20})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { x.Close() })
	return x
}

// BenchmarkApply reports the cost of an event, with the batch's own making and
// all flushes, and what it makes Pebble write.
func BenchmarkApply(b *testing.B) {
	x, f := openBench(b), newFeed(benchStreams)
	for n := 0; n < b.N; n += benchBatch {
		batch := x.NewBatch()
		f.batch(batch, min(benchBatch, b.N-n))
		if err := x.Apply(batch, f.at); err != nil {
			b.Fatal(err)
		}
	}
	if err := x.Flush(); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	m := x.db.Metrics()
	written := m.Total()
	b.ReportMetric(float64(written.TableBytesFlushed+written.TableBytesCompacted)/float64(b.N), "written-B/op")
	b.ReportMetric(float64(x.Size())/float64(b.N), "disk-B/op")
}

func filled(b *testing.B) *Index {
	x, f := openBench(b), newFeed(benchStreams)
	for range benchStreams * 100 / benchBatch {
		batch := x.NewBatch()
		f.batch(batch, benchBatch)
		if err := x.Apply(batch, f.at); err != nil {
			b.Fatal(err)
		}
	}
	if err := x.Flush(); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	return x
}

// BenchmarkReadStreams reports the cost of an event of streams of about 100
// that are read whole, in random order.
func BenchmarkReadStreams(b *testing.B) {
	x, names, r := filled(b), newFeed(benchStreams).names, rand.New(rand.NewPCG(3, 4))
	b.ReportAllocs()
	for n := 0; n < b.N; {
		c := x.Revisions(names[r.IntN(len(names))], false)
		for _, _, ok := c.Next(); ok; _, _, ok = c.Next() {
			n++
		}
		if err := c.Err(); err != nil {
			b.Fatal(err)
		}
		c.Close()
	}
}

func BenchmarkLast(b *testing.B) {
	x, names, r := filled(b), newFeed(benchStreams).names, rand.New(rand.NewPCG(3, 4))
	var absent []string
	for i := range 1000 {
		absent = append(absent, fmt.Sprintf("order%d-%08dx", i%10, i*7))
	}
	for _, of := range []struct {
		name  string
		names []string
	}{{"present", names}, {"absent", absent}} {
		b.Run(of.name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				if _, _, _, err := x.Last(of.names[r.IntN(len(of.names))]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkNewStreams reports the cost of streams of one event.
func BenchmarkNewStreams(b *testing.B) {
	x := openBench(b)
	var at Checkpoint
	var ps []Place
	for n := 0; n < b.N; n += benchBatch {
		batch := x.NewBatch()
		ps = ps[:0]
		for i := n; i < min(n+benchBatch, b.N); i++ {
			at.Position++
			at.Address += 400
			at.Streams++
			p := Place{at.Position, at.Address}
			name := fmt.Sprintf("account-%016x", uint64(i)*0x9e3779b97f4a7c15)
			if _, _, ok, err := x.Last(name); ok || err != nil {
				b.Fatal(ok, err)
			}
			batch.Revisions(name, 0, []Place{p})
			ps = append(ps, p)
		}
		batch.Places(Term{Category, "account"}, ps)
		batch.Places(Term{Type, "account.opened"}, ps)
		if err := x.Apply(batch, at); err != nil {
			b.Fatal(err)
		}
	}
	if err := x.Flush(); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	m := x.db.Metrics()
	written := m.Total()
	b.ReportMetric(float64(written.TableBytesFlushed+written.TableBytesCompacted)/float64(b.N), "written-B/op")
	b.ReportMetric(float64(x.Size())/float64(b.N), "disk-B/op")
	b.ReportMetric(float64(peakRSS(b)>>20), "peak-MiB")
	if testing.Verbose() {
		b.Log(m.String())
	}
}

// peakRSS returns how much memory the process has had at most.
func peakRSS(b *testing.B) (bytes int64) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if n, err := fmt.Sscanf(line, "VmHWM: %d kB", &bytes); n == 1 && err == nil {
			return bytes << 10
		}
	}
	return 0
}
