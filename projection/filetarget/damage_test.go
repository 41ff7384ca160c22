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

// TestDamagedPart spoils a file that is about to be merged.
func TestDamagedPart(t *testing.T) {
	for name, spoil := range map[string]func(*inode){
		"shorter": func(i *inode) { i.data = i.data[:len(i.data)-1] },
		"other":   func(i *inode) { i.data = make([]byte, len(i.data)) },
	} {
		t.Run(name, func(t *testing.T) {
			d := newMemory()
			target, err := open(d, nil)
			if err == nil {
				err = errors.Join(step(t.Context(), target, 1), target.Flush(t.Context()), step(t.Context(), target, 2))
			}
			if err == nil {
				t.Fatal("step 2 needs a table that was not made")
			}
			spoil(d.names["payment/00000002.parquet"])
			err = target.Update(t.Context(), projection.Change{}, func(_ context.Context, tx *Tx) error { return tx.Append("payment", paymentOf(2)) })
			if err != nil {
				t.Fatal(err)
			}
			if err := target.Flush(t.Context()); err == nil {
				t.Fatal("a damaged file was merged")
			}
			if err := target.Close(); err == nil {
				t.Fatal("a damaged file was merged")
			}
		})
	}
}

// TestForeign leaves files alone that are not the target's.
func TestForeign(t *testing.T) {
	d := newMemory()
	d.dirs["notes"] = true
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
