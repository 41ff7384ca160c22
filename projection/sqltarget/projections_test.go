package sqltarget_test

import (
	"database/sql"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/projection/targettest"
)

func TestProjections(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			targettest.RunProjections(t, func(t testing.TB) targettest.Subject[*sql.Tx] { return k.database(t).subject(t) }, memory)
		})
	}
}

func memory(t testing.TB) cairn.Store {
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	return store
}
