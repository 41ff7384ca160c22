package grouptest_test

import (
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/cairntest"
	"github.com/cairndb/cairn/client"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/group/grouptest"
)

func TestDisk(t *testing.T) {
	grouptest.Run(t, func(t *testing.T) cairn.Store {
		store, err := disk.OpenMemory(nil)
		if err != nil {
			t.Fatal(err)
		}
		return store
	})
}

func TestNetwork(t *testing.T) {
	grouptest.Run(t, func(t *testing.T) cairn.Store {
		store, err := client.Dial(t.Context(), cairntest.Start(t).Cairn(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return store
	})
}
