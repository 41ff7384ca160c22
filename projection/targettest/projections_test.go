package targettest_test

import (
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/projection/targettest"
)

func store(t testing.TB) cairn.Store {
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// TestProjectionsIntoMemory runs projections with transactions.
func TestProjectionsIntoMemory(t *testing.T) {
	targettest.RunProjections(t, targettest.OpenMemory, store)
}

// TestProjectionsIntoLoose runs projections without.
func TestProjectionsIntoLoose(t *testing.T) {
	targettest.RunProjections(t, targettest.OpenLoose, store)
}
