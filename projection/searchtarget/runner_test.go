package searchtarget_test

import (
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/projection/targettest"
)

func TestProjections(t *testing.T) {
	each(t, func(t *testing.T, open func(testing.TB) *server) {
		targettest.RunProjections(t, func(t testing.TB) targettest.Subject[tx] { return subject(t, open(t)) }, func(t testing.TB) cairn.Store {
			store, err := disk.OpenMemory(nil)
			must(t, err)
			return store
		})
	})
}
