package pgxtarget_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/projection/targettest"
)

// Whole projections: what is queued fails late, and the runner finds whose it is.
func TestProjections(t *testing.T) {
	t.Parallel()
	targettest.RunProjections(t, func(t testing.TB) targettest.Subject[pgx.Tx] {
		return subject(t, pgx.QueryExecModeCacheStatement, true)
	}, memory)
}

func memory(t testing.TB) cairn.Store {
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	return store
}
