package filetarget

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	engine "github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/targettest"
)

// A change is a row for the kit: files only grow, so that what it writes, adds and
// deletes are rows of a history, which its reader folds.
type change struct {
	What string `json:"what" parquet:"what"`
	Key  []byte `json:"key" parquet:"key"`
	N    int64  `json:"n" parquet:"n"`
}

func TestConformance(t *testing.T) {
	for _, f := range []Format{Parquet, NDJSON} {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			targettest.Run(t, func(t testing.TB) targettest.Subject[*Tx] { return subject(t, f) })
		})
	}
}

// TestProjections runs whole projections into files.
func TestProjections(t *testing.T) {
	targettest.RunProjections(t, func(t testing.TB) targettest.Subject[*Tx] { return subject(t, NDJSON) },
		func(t testing.TB) cairn.Store {
			store, err := engine.OpenMemory(nil)
			if err != nil {
				t.Fatal(err)
			}
			return store
		})
}

func subject(t testing.TB, f Format) targettest.Subject[*Tx] {
	dir := t.TempDir()
	target, err := Open(dir, &Options{Format: f, Rows: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := target.Close(); err != nil {
			t.Error(err)
		}
	})
	writes := func(what string) func(context.Context, *Tx, targettest.Row) error {
		return func(_ context.Context, tx *Tx, r targettest.Row) error {
			return tx.Append(r.Table, change{what, []byte(r.Key), r.N})
		}
	}
	return targettest.Subject[*Tx]{
		Target: target, Second: target, // one process, one target
		Make: func(_ context.Context, tx *Tx, table string) error {
			columns, err := Columns[change]()
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
		Faults: targettest.Faults[*Tx]{
			Violate: func(_ context.Context, tx *Tx, table string) error {
				return tx.Append(table, map[string]any{"what": "put"})
			},
			Missing: func(_ context.Context, tx *Tx, table string) error {
				return tx.Append(table, map[string]any{"what": "put"})
			},
		},
	}
}

// fold reads tables as of one manifest.
func fold(t testing.TB, dir string, tables []string) ([]map[string]int64, error) {
	m, err := Read(dir)
	if err != nil {
		return nil, err
	}
	all := make([]map[string]int64, len(tables))
	for i, name := range tables {
		if m.Table(name).Columns == nil {
			return nil, fmt.Errorf("there is no table %q", name)
		}
		all[i] = map[string]int64{}
		for _, c := range rowsOf[change](t, folder(dir), m, name) {
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

// TestOneProcess opens a directory twice.
func TestOneProcess(t *testing.T) {
	dir := t.TempDir()
	first, err := Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(dir, nil)
	if err == nil || !strings.Contains(err.Error(), dir) || first.Fault(err) != projection.FaultSetup {
		t.Fatalf("got %v, want ErrLocked with the directory", err)
	}
	for range 2 {
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
	}
	second, err := Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	if err := step(t.Context(), second, 1); second.Fault(err) != projection.FaultSetup {
		t.Fatalf("a closed target: %v", err)
	}
}
