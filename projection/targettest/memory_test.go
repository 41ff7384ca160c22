package targettest

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
)

type (
	memTx = *memtarget.Tx
	memFn = func(ctx context.Context, tx memTx) error
)

// The errors of a database that fails.
var (
	errDown      = errors.New("the connection was lost")
	errLocked    = errors.New("wrong password")
	errClash     = errors.New("deadlock")
	errMissing   = errors.New("no such table")
	errViolation = errors.New("there is one already")
)

// A breakable is a target that does what it should, but for what was replaced.
type breakable struct {
	*memtarget.Target
	entries  func(ctx context.Context, prefix string) ([]projection.Entry, error)
	update   func(ctx context.Context, c projection.Change, fn memFn) error
	publish  func(ctx context.Context, c projection.Change, tables []string, to projection.Names) error
	discard  func(ctx context.Context, c projection.Change, tables []string, of projection.Names) error
	withdraw func(ctx context.Context, c projection.Change, tables []string) error
	fault    func(err error) projection.Fault
	lost     bool  // for good
	cut      error // what the next call fails with

	reads atomic.Int64 // how often readers have read
}

func newBreakable() *breakable {
	good := memtarget.New()
	return &breakable{Target: good, entries: good.Entries, update: good.Update, publish: good.Publish, discard: good.Discard, withdraw: good.Withdraw, fault: faultOf}
}

func (b *breakable) Entries(ctx context.Context, prefix string) ([]projection.Entry, error) {
	if err := b.broken(); err != nil {
		return nil, err
	}
	return b.entries(ctx, prefix)
}

func (b *breakable) Apply(ctx context.Context, c projection.Change) error {
	return b.Update(ctx, c, func(context.Context, memTx) error { return nil })
}

func (b *breakable) Update(ctx context.Context, c projection.Change, fn func(context.Context, memTx) error) error {
	if err := b.broken(); err != nil {
		return err
	}
	return b.update(ctx, c, fn)
}

func (b *breakable) Publish(ctx context.Context, c projection.Change, tables []string, to projection.Names) error {
	return b.publish(ctx, c, tables, to)
}

func (b *breakable) Discard(ctx context.Context, c projection.Change, tables []string, of projection.Names) error {
	return b.discard(ctx, c, tables, of)
}

func (b *breakable) Withdraw(ctx context.Context, c projection.Change, tables []string) error {
	return b.withdraw(ctx, c, tables)
}

func (b *breakable) Fault(err error) projection.Fault { return b.fault(err) }

// broken is the error of a connection that was cut, the first time it is used.
func (b *breakable) broken() error {
	err := b.cut
	if err == errDown {
		b.cut = nil
	}
	return err
}

func faultOf(err error) projection.Fault {
	switch {
	case errors.Is(err, errDown):
		return projection.FaultDown
	case errors.Is(err, errLocked), errors.Is(err, errMissing):
		return projection.FaultSetup
	case errors.Is(err, errClash):
		return projection.FaultAgain
	}
	return projection.FaultEvent
}

// memory is a subject whose database is memory, and fails as others do.
func memory(b *breakable) Subject[memTx] {
	down := func(err error) func(testing.TB) projection.Target[memTx] {
		return func(testing.TB) projection.Target[memTx] { return failing{newBreakable(), err} }
	}
	return Subject[memTx]{
		Target: b,
		Second: &breakable{Target: b.Target, entries: b.entries, update: b.update, publish: b.publish, discard: b.discard, withdraw: b.withdraw, fault: b.fault},
		Put: func(_ context.Context, tx memTx, r Row) error {
			tx.Set(r.Table, r.Key, r.N)
			return b.broken()
		},
		Add:    addRow,
		Delete: deleteRow,
		Rows: func(_ context.Context, tables ...string) ([]map[string]int64, error) {
			defer b.reads.Add(1)
			return readRows(b.Target, tables)
		},
		Faults: Faults[memTx]{
			Violate: func(context.Context, memTx, string) error { return errViolation },
			Missing: func(context.Context, memTx, string) error { return errMissing },
			Clash:   func(testing.TB) error { return errClash },
			Cut:     func(testing.TB) { b.cut = errDown },
			Down:    down(errDown),
			Locked:  down(errLocked),
		},
	}
}

// failing is a target that cannot do anything.
type failing struct {
	*breakable
	err error
}

func (f failing) Entries(context.Context, string) ([]projection.Entry, error) { return nil, f.err }
func (f failing) Apply(context.Context, projection.Change) error              { return f.err }
func (f failing) Update(context.Context, projection.Change, func(context.Context, memTx) error) error {
	return f.err
}

func addRow(_ context.Context, tx memTx, r Row) error {
	n, _ := memtarget.Value[int64](tx.Get(r.Table, r.Key))
	tx.Set(r.Table, r.Key, n+r.N)
	return nil
}

func deleteRow(_ context.Context, tx memTx, r Row) error {
	tx.Delete(r.Table, r.Key)
	return nil
}

func readRows(target *memtarget.Target, tables []string) (all []map[string]int64, _ error) {
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
}

// TestMemory holds a target to the kit whose database fails in all ways.
func TestMemory(t *testing.T) {
	Run(t, func(testing.TB) Subject[memTx] { return memory(newBreakable()) })
}
