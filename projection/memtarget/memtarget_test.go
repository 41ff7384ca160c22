package memtarget_test

import (
	"context"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/projection/memtarget"
	"github.com/cairndb/cairn/projection/targettest"
)

func TestConformance(t *testing.T) {
	targettest.Run(t, func(testing.TB) targettest.Subject[*memtarget.Tx] { return subject(memtarget.New()) })
}

func subject(target *memtarget.Target) targettest.Subject[*memtarget.Tx] {
	return targettest.Subject[*memtarget.Tx]{
		Target: target,
		Second: target,
		Put: func(_ context.Context, tx *memtarget.Tx, r targettest.Row) error {
			tx.Set(r.Table, r.Key, r.N)
			return nil
		},
		Add: func(_ context.Context, tx *memtarget.Tx, r targettest.Row) error {
			n, _ := memtarget.Value[int64](tx.Get(r.Table, r.Key))
			tx.Set(r.Table, r.Key, n+r.N)
			return nil
		},
		Delete: func(_ context.Context, tx *memtarget.Tx, r targettest.Row) error {
			tx.Delete(r.Table, r.Key)
			return nil
		},
		Rows: func(_ context.Context, tables ...string) (all []map[string]int64, _ error) {
			target.View(func(v memtarget.View) {
				for _, name := range tables {
					rows := map[string]int64{}
					for key, n := range v.Scan(name, "") {
						rows[key] = n.(int64)
					}
					all = append(all, rows)
				}
			})
			return all, nil
		},
	}
}

func TestProjections(t *testing.T) {
	targettest.RunProjections(t, func(testing.TB) targettest.Subject[*memtarget.Tx] { return subject(memtarget.New()) }, store)
}

func store(t testing.TB) cairn.Store {
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	return store
}
