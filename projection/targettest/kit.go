package targettest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// table is where most checks write.
const table = "item"

// A kit is what a check works with. Its methods are for the check's goroutine,
// and end the check where the target fails to do what it must.
type kit[Tx any] struct {
	testing.TB
	Subject[Tx]
	ctx   context.Context
	clock atomic.Uint64 // the position of the last event

	log     cairn.Store      // what projections are made from
	put     map[string]int64 // how many events a stream was given
	members []*member
}

func (k *kit[Tx]) lack(f Feature) bool { return slices.Contains(k.Lacks, f) }

// put is a change of one entry.
func put(key, value string) projection.Change {
	return projection.Change{Put: []projection.Entry{{Key: key, Value: value}}}
}

// move is a change of one entry that must stand at a value before.
func move(key, from, to string) projection.Change {
	c := put(key, to)
	c.Expect = []projection.Entry{{Key: key, Value: from}}
	return c
}

// apply makes a change that must succeed.
func (k *kit[Tx]) apply(c projection.Change) {
	k.Helper()
	if err := k.Target.Apply(k.ctx, c); err != nil {
		k.Fatalf("Apply(%s): %v", short(c), err)
	}
}

// update makes an update that must succeed.
func (k *kit[Tx]) update(c projection.Change, fn func(ctx context.Context, tx Tx) error) {
	k.Helper()
	if err := k.Target.Update(k.ctx, c, fn); err != nil {
		k.Fatalf("Update(%s): %v", short(c), err)
	}
}

// make makes tables, and an entry for each, as a first update does.
func (k *kit[Tx]) make(tables ...string) {
	k.Helper()
	var c projection.Change
	for _, name := range tables {
		c.Put = append(c.Put, projection.Entry{Key: "made/" + name, Value: `true`})
	}
	k.update(c, func(ctx context.Context, tx Tx) error { return k.setUp(ctx, tx, tables...) })
}

func (k *kit[Tx]) setUp(ctx context.Context, tx Tx, tables ...string) error {
	if k.Make == nil {
		return nil
	}
	for _, name := range tables {
		if err := k.Make(ctx, tx, name); err != nil {
			return err
		}
	}
	return nil
}

// writes is a function for Update that writes rows.
func (k *kit[Tx]) writes(rows ...Row) func(ctx context.Context, tx Tx) error {
	return func(ctx context.Context, tx Tx) error {
		for _, r := range rows {
			if err := k.Put(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	}
}

// row is a row of the usual table, written for an event of its own. It may be
// called from any goroutine.
func (k *kit[Tx]) row(key string, n int64) Row { return k.rowOf(table, key, n) }

func (k *kit[Tx]) rowOf(table, key string, n int64) Row {
	return Row{Table: table, Key: key, N: n, At: cairn.Position(k.clock.Add(1))}
}

// entries checks which entries there are under a prefix, by way of both targets.
func (k *kit[Tx]) entries(prefix string, want ...projection.Entry) {
	k.Helper()
	for name, l := range map[string]projection.Ledger{"Target": k.Target, "Second": k.Second} {
		got, err := l.Entries(k.ctx, prefix)
		if err != nil {
			k.Fatalf("%s.Entries(%q): %v", name, prefix, err)
		}
		if !slices.Equal(got, want) {
			k.Errorf("%s.Entries(%q) = %s, want %s", name, prefix, short(got), short(want))
		}
	}
}

// rows checks what a table holds.
func (k *kit[Tx]) rows(table string, want map[string]int64) {
	k.Helper()
	if got := k.read(table)[0]; !maps.Equal(got, want) {
		k.Errorf("%s holds %s, want %s", table, short(got), short(want))
	}
}

// read returns what tables hold.
func (k *kit[Tx]) read(tables ...string) []map[string]int64 {
	k.Helper()
	got, err := k.Rows(k.ctx, tables...)
	if err != nil || len(got) != len(tables) {
		k.Fatalf("reading %v: %v, %v", tables, got, err)
	}
	return got
}

// moved checks that an error is ErrMoved.
func (k *kit[Tx]) moved(what string, err error) {
	k.Helper()
	if !errors.Is(err, projection.ErrMoved) {
		k.Errorf("%s: got %v, want ErrMoved", what, err)
	}
}

// short is as much of a value as helps.
func short(v any) string {
	const limit = 400
	s := strings.ReplaceAll(fmt.Sprint(v), "\x00", `\0`)
	if len(s) > limit {
		s = fmt.Sprintf("%s… (%d bytes)", s[:limit], len(s))
	}
	return s
}
