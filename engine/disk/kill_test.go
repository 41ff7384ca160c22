package disk_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// TestKills kills a process that writes, again and again, and looks for what it
// had said was stored. CAIRN_KILLS is how often.
func TestKills(t *testing.T) {
	kills := 25
	if testing.Short() {
		kills = 4
	}
	if s := os.Getenv("CAIRN_KILLS"); s != "" {
		var err error
		if kills, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	for _, writers := range []int{1, 12, 400} {
		t.Run(fmt.Sprint("writers ", writers), func(t *testing.T) {
			t.Parallel()
			rng, acked := rand.New(rand.NewPCG(seed(t), 0)), 0
			for left := kills; left > 0; left -= 10 { // with a new store now and then, because all of it is read each time
				k := killer{dir: filepath.Join(t.TempDir(), "store"), writers: writers, rng: rng, acked: map[append1]cairn.Position{}}
				for round := range min(left, 10) {
					k.round(t, round)
				}
				acked += len(k.acked)
			}
			t.Logf("%d kills, %d appends acknowledged", kills, acked)
		})
	}
}

// An append1 is one append of one writer.
type append1 struct{ round, writer, number int }

// A killer remembers what was acknowledged, outside of the store.
type killer struct {
	dir     string
	writers int
	rng     *rand.Rand
	acked   map[append1]cairn.Position
}

// round lets a process write until it has acknowledged some appends, kills it,
// and takes in what it said till then.
func (k *killer) round(t *testing.T, round int) {
	c := child(t, "write", k.dir, strconv.Itoa(round), strconv.Itoa(k.writers))
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	enough := k.rng.IntN(200 + 10*k.writers)
	lines := bufio.NewScanner(out)
	for n := 0; ; n++ {
		if n == enough {
			if err := c.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
		if !lines.Scan() {
			break
		}
		a, p := append1{round: round}, cairn.Position(0)
		if n, err := fmt.Sscan(lines.Text(), &a.writer, &a.number, &p); n != 3 {
			t.Fatalf("the process says %q: %v", lines.Text(), err)
		}
		k.acked[a] = p
	}
	if err := c.Wait(); c.ProcessState.ExitCode() != -1 {
		t.Fatalf("the process ended by itself: %v", err)
	}
	k.check(t)
}

// check opens the store and looks for every append.
func (k *killer) check(t *testing.T) {
	t.Helper()
	s := open(t, k.dir, slowed())
	found, sizes := map[append1]cairn.Position{}, map[append1]int{}
	next := cairn.Position(1)
	for e, err := range s.ReadAll(t.Context(), cairn.AllOptions{}) {
		if err != nil || e.Position != next {
			t.Fatalf("position %d: %d, %v", next, e.Position, err)
		}
		next++
		var a append1
		var i, size int
		if n, err := fmt.Sscan(string(e.Data), &a.round, &a.writer, &a.number, &i, &size); n != 5 {
			t.Fatalf("position %d holds %q: %v", e.Position, e.Data, err)
		}
		if sizes[a]++; sizes[a] != i || i > 1 && found[a]+1 != e.Position || e.Stream != streamOf(a.round, a.writer) {
			t.Fatalf("position %d: event %d of %v in %s, behind position %d", e.Position, i, a, e.Stream, found[a])
		}
		if found[a] = e.Position; i == 1 && a.number > 0 && found[append1{a.round, a.writer, a.number - 1}] == 0 {
			t.Fatalf("%v is there, and the append before it is not", a)
		}
		if want := sizeOf(a.number); size != want {
			t.Fatalf("%v has %d events, want %d", a, size, want)
		}
	}
	for a, n := range sizes {
		if n != sizeOf(a.number) {
			t.Fatalf("%d of the %d events of %v are there", n, sizeOf(a.number), a)
		}
	}
	for a, p := range k.acked {
		if found[a] != p {
			t.Fatalf("%v was acknowledged at position %d and is at %d", a, p, found[a])
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := disk.Verify(t.Context(), k.dir, nil); err != nil {
		t.Fatal(err)
	}
}

func streamOf(round, writer int) string { return fmt.Sprintf("writer-%d-%d", round, writer) }

// sizeOf is how many events an append has.
func sizeOf(number int) int { return 1 + number%3 }

// slowed has segments end in every round, and the index take in what is there.
func slowed() *disk.Options {
	return (&disk.Options{SegmentSize: 256 << 10, TailSize: 64 << 10}).Hurry(500, 2000)
}

// writeStore is a process that writes until it is killed. It says what was
// acknowledged.
func writeStore(args []string) {
	round, _ := strconv.Atoi(args[1])
	writers, _ := strconv.Atoi(args[2])
	s, err := disk.Open(args[0], slowed())
	if err != nil {
		panic(err)
	}
	var wg sync.WaitGroup
	for writer := range writers {
		wg.Go(func() {
			at := cairn.NoStream
			for number := 0; ; number++ {
				var events []cairn.Event
				for i := range sizeOf(number) {
					text := fmt.Sprintf("%d %d %d %d %d %*d", round, writer, number, i+1, sizeOf(number), number%500+1, 0)
					events = append(events, cairn.Event{Type: "written", Data: []byte(text), Format: cairn.Binary})
				}
				r, err := s.Append(context.Background(), streamOf(round, writer), at, events...)
				if err != nil {
					panic(err)
				}
				at = r.Revision
				fmt.Fprintf(os.Stdout, "%d %d %d\n", writer, number, r.Position)
			}
		})
	}
	wg.Wait()
}
