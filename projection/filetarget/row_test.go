package filetarget

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// TestBadRows appends what no file can hold. Each is the failure of its event, and
// leaves the transaction as it was.
func TestBadRows(t *testing.T) {
	type one struct {
		N int `json:"n"`
	}
	cases := map[string]struct {
		table string
		row   any
	}{
		"nil":         {"one", nil},
		"nil pointer": {"one", (*one)(nil)},
		"no struct":   {"other", 7},
		"no columns":  {"other", struct{ n int }{1}},
		"nested":      {"other", struct{ In struct{ N int } }{}},
		"twice": {"other", struct {
			A int
			B int `json:"A"`
		}{}},
		"dots": {"other", struct {
			A int `json:"a.b"`
		}{}},
		"table":           {"Other Table", one{1}},
		"path":            {"../other", one{1}},
		"other columns":   {"one", struct{ M int }{1}},
		"missing":         {"one", map[string]any{}},
		"null":            {"one", map[string]any{"n": nil}},
		"unknown":         {"one", map[string]any{"n": 1, "m": 2}},
		"another kind":    {"one", map[string]any{"n": "1"}},
		"large":           {"one", map[string]any{"n": uint64(1)}},
		"NaN":             {"other", struct{ F float64 }{math.NaN()}},
		"infinity":        {"other", struct{ F float32 }{float32(math.Inf(1))}},
		"UTF-8":           {"other", struct{ S string }{"\xff"}},
		"years":           {"other", struct{ T time.Time }{time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}},
		"complex":         {"other", struct{ C complex128 }{1}},
		"pointer pointer": {"other", struct{ P **int }{}},
	}
	d := newMemory()
	target, err := open(d, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := target.Update(t.Context(), projection.Change{}, func(_ context.Context, tx *Tx) error {
				if err := tx.Append("one", one{1}); err != nil {
					t.Fatal(err)
				}
				before := len(tx.tables["one"].lines)
				err := tx.Append(c.table, c.row)
				if len(tx.tables["one"].lines) != before {
					t.Error("something was appended")
				}
				return err
			})
			if !errors.Is(err, cairn.ErrInvalid) || target.Fault(err) != projection.FaultEvent {
				t.Fatalf("got %v, want an invalid row", err)
			}
		})
	}
}

// TestManyRotations has random updates between rotations, and looks that all rows
// are there in their order, in few files, and each was written a few times only.
func TestManyRotations(t *testing.T) {
	t.Parallel()
	for _, f := range []Format{Parquet, NDJSON} {
		t.Run(string(f), func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 4))
			d := newMemory()
			target, err := open(d, &Options{Format: f, Rows: 64, Keep: time.Nanosecond})
			if err != nil {
				t.Fatal(err)
			}
			if err := setUp(t.Context(), target); err != nil {
				t.Fatal(err)
			}
			n := int64(400)
			if testing.Short() {
				n = 150
			}
			for i := range n {
				if err := step(t.Context(), target, i+1); err != nil {
					t.Fatal(err)
				}
				if r.IntN(2) == 0 {
					if err := target.Flush(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := target.Close(); err != nil {
				t.Fatal(err)
			}
			if p := check(t, d); p != n {
				t.Fatalf("readers see %d events", p)
			}
			m, err := load(d)
			if err != nil {
				t.Fatal(err)
			}
			if parts := len(m.Table("payment").Parts); parts > int(n)/64*2+7 {
				t.Errorf("%d rows are in %d files", n, parts)
			}
			if names := len(d.names); names > 40 {
				t.Errorf("the directory has %d files", names)
			}
		})
	}
}

// TestOptions refuses what makes no sense.
func TestOptions(t *testing.T) {
	for _, o := range []*Options{{Rows: -1}, {Bytes: -1}, {Age: -1}, {Keep: -1}, {Format: "csv"}} {
		t.Run(fmt.Sprintf("%+v", *o), func(t *testing.T) {
			if _, err := Open(t.TempDir(), o); !errors.Is(err, cairn.ErrInvalid) {
				t.Fatalf("got %v, want it refused", err)
			}
		})
	}
}
