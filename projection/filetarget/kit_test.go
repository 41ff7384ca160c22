package filetarget_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/projection/filetarget"
	"github.com/cairndb/cairn/projection/targettest"
)

// A change is a row for the kit: files only grow, so that what it writes, adds and
// deletes are rows of a history, which its reader folds.
type change struct {
	What string `json:"what" parquet:"what"`
	Key  []byte `json:"key" parquet:"key"`
	N    int64  `json:"n" parquet:"n"`
}

// TestConformance is in both formats, unless it is to be short.
func TestConformance(t *testing.T) {
	t.Parallel()
	for _, f := range formats() {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			targettest.Run(t, func(t testing.TB) targettest.Subject[*filetarget.Tx] {
				s := subject(t, f)
				if f == filetarget.NDJSON {
					s.Except = elsewhere
				}
				return s
			})
		})
	}
}

// elsewhere are checks that take long and are about bookkeeping, which is the same in
// both formats.
var elsewhere = map[string]string{
	"Races/OneWins": inParquet, "Contexts/EndAnywhere": inParquet, "Rows/Together": inParquet, "Rows/BehindEntries": inParquet,
}

const inParquet = "it is run with Parquet"

func formats() []filetarget.Format {
	if testing.Short() {
		return []filetarget.Format{filetarget.Parquet}
	}
	return []filetarget.Format{filetarget.Parquet, filetarget.NDJSON}
}

// TestProjections runs whole projections into files.
func TestProjections(t *testing.T) {
	t.Parallel()
	targettest.RunProjections(t, func(t testing.TB) targettest.Subject[*filetarget.Tx] { return subject(t, filetarget.NDJSON) },
		func(t testing.TB) cairn.Store {
			store, err := disk.OpenMemory(nil)
			if err != nil {
				t.Fatal(err)
			}
			return store
		})
}

func subject(t testing.TB, f filetarget.Format) targettest.Subject[*filetarget.Tx] {
	dir := t.TempDir()
	target, err := filetarget.Open(dir, &filetarget.Options{Format: f, Rows: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := target.Close(); err != nil {
			t.Error(err)
		}
	})
	writes := func(what string) func(context.Context, *filetarget.Tx, targettest.Row) error {
		return func(_ context.Context, tx *filetarget.Tx, r targettest.Row) error {
			return tx.Append(r.Table, change{what, []byte(r.Key), r.N})
		}
	}
	return targettest.Subject[*filetarget.Tx]{
		Target: target, Second: target, // one process, one target
		Make: func(_ context.Context, tx *filetarget.Tx, table string) error {
			columns, err := filetarget.Columns[change]()
			if err != nil {
				return err
			}
			return tx.Create(table, columns...)
		},
		Put: writes("put"), Add: writes("add"), Delete: writes("delete"),
		Rows: func(ctx context.Context, tables ...string) ([]map[string]int64, error) {
			if err := target.Flush(ctx); err != nil {
				return nil, err
			}
			return fold(t, dir, tables)
		},
		Faults: targettest.Faults[*filetarget.Tx]{
			Violate: func(_ context.Context, tx *filetarget.Tx, table string) error {
				return tx.Append(table, map[string]any{"what": "put"})
			},
			Missing: func(_ context.Context, tx *filetarget.Tx, table string) error {
				return tx.Append(table, map[string]any{"what": "put"})
			},
		},
	}
}

// fold reads tables as of one manifest.
func fold(t testing.TB, dir string, tables []string) ([]map[string]int64, error) {
	m, err := filetarget.Read(dir)
	if err != nil {
		return nil, err
	}
	all := make([]map[string]int64, len(tables))
	for i, name := range tables {
		if m.Table(name).Columns == nil {
			return nil, fmt.Errorf("there is no table %q", name)
		}
		all[i] = map[string]int64{}
		for _, c := range filetarget.RowsOf[change](t, dir, m, name) {
			switch key := string(c.Key); c.What {
			case "put":
				all[i][key] = c.N
			case "add":
				all[i][key] += c.N
			case "delete":
				delete(all[i], key)
			}
		}
	}
	return all, nil
}
