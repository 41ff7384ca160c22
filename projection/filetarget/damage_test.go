package filetarget

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// TestDamage removes and spoils files behind the target's back. It says so, and
// removes nothing.
func TestDamage(t *testing.T) {
	journal := func(name string) bool { return strings.HasPrefix(name, "journal-") }
	newest := func(d *memory) *inode {
		names := slices.DeleteFunc(slices.Sorted(maps.Keys(d.names)), func(name string) bool { return !journal(name) })
		return d.names[names[len(names)-1]]
	}
	damages := map[string]func(d *memory){
		"no manifest":    func(d *memory) { delete(d.names, manifestName) },
		"no journal":     func(d *memory) { maps.DeleteFunc(d.names, func(name string, _ *inode) bool { return journal(name) }) },
		"manifest":       func(d *memory) { d.names[manifestName].data[20] ^= 1 },
		"empty manifest": func(d *memory) { d.names[manifestName].data = nil },
		"journal":        func(d *memory) { newest(d).data[5] ^= 1 },
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			d := newMemory()
			target, err := open(d, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := setUp(t.Context(), target); err != nil {
				t.Fatal(err)
			}
			for n := range int64(5) {
				if err := step(t.Context(), target, n+1); err != nil {
					t.Fatal(err)
				}
				if n == 1 {
					if err := target.Flush(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
			}
			left := d.crash(nil)
			if err := target.Close(); err != nil {
				t.Fatal(err)
			}
			damage(left)
			before := len(left.names)
			_, err = open(left, nil)
			if !errors.Is(err, cairn.ErrCorrupt) || target.Fault(err) != projection.FaultSetup {
				t.Fatalf("got %v, want damage", err)
			}
			if len(left.names) != before || left.locked {
				t.Fatal("files were removed, or the lock is still held")
			}
		})
	}
}

// TestDamagedPart spoils a file that is about to be merged, in one byte or in all.
func TestDamagedPart(t *testing.T) {
	for _, f := range []Format{Parquet, NDJSON} {
		t.Run(string(f), func(t *testing.T) {
			size := len(merging(t, f).names[part+string(f)].data)
			for at := 0; at < size; at += 1 + 16*stride() {
				spoilt(t, f, func(i *inode) { i.data[at] ^= 0x55 })
			}
			spoilt(t, f, func(i *inode) { i.data = i.data[:size-1] })
			spoilt(t, f, func(i *inode) { clear(i.data) })
		})
	}
}

const part = "payment/00000002."

// merging is a disk with a row in a file and another one in the journal.
func merging(t *testing.T, f Format) *memory {
	t.Helper()
	d := newMemory()
	target, err := open(d, &Options{Format: f})
	if err != nil {
		t.Fatal(err)
	}
	pay := func(_ context.Context, tx *Tx) error { return tx.Append("payment", paymentOf(2)) }
	err = errors.Join(target.Update(t.Context(), projection.Change{}, pay), target.Flush(t.Context()), target.Update(t.Context(), projection.Change{}, pay))
	if err != nil {
		t.Fatal(err)
	}
	left := d.crash(nil)
	if err := target.Close(); err != nil {
		t.Fatal(err)
	}
	return left
}

// spoilt opens the disk when the file is no longer what it was: that is damage, and
// no event is to blame.
func spoilt(t *testing.T, f Format, spoil func(*inode)) {
	t.Helper()
	d := merging(t, f)
	spoil(d.names[part+string(f)])
	_, err := open(d, &Options{Format: f})
	if !errors.Is(err, cairn.ErrCorrupt) || (&Target{}).Fault(err) != projection.FaultSetup || d.locked {
		t.Fatalf("got %v, want damage, and the lock to be free", err)
	}
}

// TestForeign leaves files alone that are not the target's.
func TestForeign(t *testing.T) {
	d := newMemory()
	d.dirs["notes"], d.dirs["lost+found"] = true, false
	for _, name := range []string{"README", "journal-x", "notes/a.parquet", "notes/1.csv", "00000001.parquet"} {
		d.names[name] = &inode{data: []byte("mine")}
	}
	own := []string{"journal-00000077", "manifest.json.tmp", "payment_b1/00000003.parquet.tmp"}
	for _, name := range own {
		d.names[name] = &inode{}
	}
	d.dirs["payment_b1"] = true
	target, err := open(d, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	for name, i := range d.names {
		if string(i.data) != "mine" && slices.Contains(own, name) {
			t.Errorf("%s is still there", name)
		}
	}
	if len(d.names) != 5+2 {
		t.Errorf("the directory has %v", slices.Sorted(maps.Keys(d.names)))
	}
}
