package index

import (
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
)

// TestCrash takes what a crash would leave at random moments, opens it, and
// compares it with what the index held at the checkpoint it names.
func TestCrash(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 8 {
		crashes(t, r)
	}
}

func crashes(t *testing.T, r *rand.Rand) {
	fs := vfs.NewCrashableMem()
	x, m := openTest(t, fs), newModel()
	defer x.Close()
	past := map[cairn.Position]*model{0: newModel()}
	var flushed cairn.Position
	for range 40 {
		b := x.NewBatch()
		m.grow(r, b)
		apply(t, x, b, m.at)
		past[m.at.Position] = m.clone()
		switch r.IntN(6) {
		case 0:
			if err := x.Flush(); err != nil {
				t.Fatal(err)
			}
			flushed = m.at.Position
		case 1:
			if _, err := x.db.AsyncFlush(); err != nil { // and crash somewhere in it
				t.Fatal(err)
			}
		case 2:
			recovered(t, fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: r.IntN(101), RNG: r}), past, flushed)
		}
	}
}

func recovered(t *testing.T, fs vfs.FS, past map[cairn.Position]*model, flushed cairn.Position) {
	t.Helper()
	x, err := Open(fs, "index", Options{Store: someStore})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	at := x.Checkpoint().Position
	if at < flushed {
		t.Fatalf("checkpoint %d after a crash, %d was flushed", at, flushed)
	}
	m := past[at]
	if m == nil {
		t.Fatalf("checkpoint %d never was one", at)
	}
	m.compare(t, x)
}
