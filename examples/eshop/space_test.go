package main

import (
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

func memory(t *testing.T) cairn.Store {
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

// TestSpace: all that open a store find the same space, also those that found the
// shop at the same moment, and another store has another.
func TestSpace(t *testing.T) {
	shared := &settings{broker: "nats"}
	store, names := memory(t), make([]string, 20)
	var all sync.WaitGroup
	for i := range names {
		all.Go(func() {
			var err error
			if names[i], err = shared.named(t.Context(), store); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, name := range names {
		if name != names[0] || checkSpace(name) != nil || !strings.HasPrefix(name, "eshop_") {
			t.Errorf("%q and %q", name, names[0])
		}
	}
	if other, err := shared.named(t.Context(), memory(t)); err != nil || other == names[0] {
		t.Errorf("another store: %q, %v", other, err)
	}
}

func TestNoSpace(t *testing.T) {
	store := memory(t)
	for name, c := range map[string]struct {
		s    settings
		want string
	}{
		"shares nothing": {settings{broker: "log", readModels: "sqlite:a.db"}, ""},
		"said":           {settings{broker: "kafka", space: "mine"}, "mine"},
	} {
		if got, err := c.s.named(t.Context(), store); err != nil || got != c.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if stats, err := cairn.Collect(store.ReadAll(t.Context(), cairn.AllOptions{})); err != nil || len(stats) != 0 {
		t.Errorf("founded needlessly: %v, %v", stats, err)
	}
}

// TestHostileSpace: what stands in the stream becomes a name of schemas and queues
// only if it is one.
func TestHostileSpace(t *testing.T) {
	for _, data := range []string{`{"space":"x\"; DROP SCHEMA public"}`, `{"space":"a.b"}`, `{}`, `?`, `{"space":"` + strings.Repeat("a", 41) + `"}`} {
		store := memory(t)
		if _, err := store.Append(t.Context(), foundation, cairn.Any, cairn.Event{Type: typeFounded, Data: []byte(data)}); err != nil {
			t.Fatal(err)
		}
		if name, err := (&settings{baskets: "redis://x"}).named(t.Context(), store); err == nil {
			t.Errorf("%s is the space %q", data, name)
		}
	}
}

// TestTaken: who finds an address taken is told what to do.
func TestTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for flag, other := range map[string]string{"--listen": "--shop", "--shop": "--listen"} {
		var out, errOut strings.Builder
		dir := filepath.Join(t.TempDir(), "data")
		status := run(t.Context(), []string{"run", "--store", dir, other, "127.0.0.1:0", flag, l.Addr().String()}, &out, &errOut)
		if status != failed || !strings.Contains(errOut.String(), flag+" (or ESHOP_"+strings.ToUpper(flag[2:])+") chooses another") {
			t.Errorf("status %d: %s", status, &errOut)
		}
	}
}
