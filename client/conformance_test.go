package client_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/storetest"
)

// TestConformance holds the client to the contract of a store, over TCP.
func TestConformance(t *testing.T) {
	storetest.Run(t, storetest.Config{
		Open: func(t *testing.T) cairn.Store { return openSystem(t, vfs.NewMem()) },
		Reopen: func(t *testing.T, s cairn.Store) cairn.Store {
			before := s.(*system)
			if err := before.Close(); err != nil {
				t.Fatal(err)
			}
			return openSystem(t, before.fs)
		},
		Operations: 3000,
	})
}

// TestConformanceThroughCuts does the same through a proxy that cuts connections.
// What counts goroutines goes through it in peace.
func TestConformanceThroughCuts(t *testing.T) {
	seed, opened, cuts := seed(t), 0, int64(0)
	open := func(t *testing.T, fs vfs.FS) cairn.Store {
		store := openDisk(t, fs)
		server := serve(t, store, "")
		seed++
		opened++
		proxy := newProxy(t, server.address, seed)
		proxy.calm.Store(strings.Contains(t.Name(), "Releases"))
		return &system{Client: dial(t, proxy.address(), nil), fs: fs, rest: func() error {
			server.stop()
			proxy.close()
			cuts += proxy.cuts.Load()
			return store.Close()
		}}
	}
	storetest.Run(t, storetest.Config{
		Open: func(t *testing.T) cairn.Store { return open(t, vfs.NewMem()) },
		Reopen: func(t *testing.T, s cairn.Store) cairn.Store {
			before := s.(*system)
			if err := before.Close(); err != nil {
				t.Fatal(err)
			}
			return open(t, before.fs)
		},
		Operations: 1000,
	})
	if t.Logf("%d connections were cut", cuts); cuts == 0 && opened > 20 {
		t.Error("nothing was put to the test")
	}
}

// seed is that of the proxies' random numbers: a new one each time, or the one in
// the environment.
func seed(t testing.TB) uint64 {
	s, err := strconv.ParseUint(os.Getenv("CAIRN_SEED"), 10, 64)
	if err != nil {
		s = rand.Uint64()
	}
	t.Logf("CAIRN_SEED=%d", s)
	return s
}
