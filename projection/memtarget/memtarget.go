package memtarget

import (
	"context"
	"sync"

	"github.com/cairndb/cairn/projection"
)

// A Target holds read models and their bookkeeping in memory. It implements
// [projection.Target] and [projection.Publisher]. Its methods may be called
// concurrently.
type Target struct {
	mu     sync.RWMutex // of what follows
	ledger ledger
	tables map[string]*table
	shown  map[string]string // the tables that plain names stand for
	writes uint64            // how many transactions were written
	alone  chan struct{}     // closed when the transaction ends that nobody must get in the way of; nil if there is none
}

var (
	_ projection.Target[*Tx] = (*Target)(nil)
	_ projection.Publisher   = (*Target)(nil)
)

// New returns a target that is empty.
func New() *Target {
	return &Target{ledger: newLedger(), tables: map[string]*table{}, shown: map[string]string{}}
}

// A table is rows, and when one of them was last changed.
type table struct {
	rows    map[string]cell
	version uint64
}

// A cell is a row, and which write it is from.
type cell struct {
	value   any
	version uint64
}

// table is what a name stands for, or nil if there is no such table. The caller
// holds the lock.
func (t *Target) table(name string) *table { return t.tables[t.resolve(name)] }

func (t *Target) resolve(name string) string {
	if of, ok := t.shown[name]; ok {
		return of
	}
	return name
}

// Entries implements [projection.Ledger].
func (t *Target) Entries(ctx context.Context, prefix string) ([]projection.Entry, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ledger.under(prefix), nil
}

// Apply implements [projection.Ledger].
func (t *Target) Apply(ctx context.Context, c projection.Change) error {
	return t.change(ctx, c, func() error { return nil })
}

// change does what do does and makes the change, or neither.
func (t *Target) change(ctx context.Context, c projection.Change, do func() error) error {
	if err := t.lock(ctx); err != nil {
		return err
	}
	defer t.mu.Unlock()
	if !t.ledger.stands(c.Expect) {
		return projection.ErrMoved
	}
	if err := do(); err != nil {
		return err
	}
	t.ledger.put(c.Put)
	return nil
}

// Fault implements [projection.Ledger]. Memory does not fail, so that every error
// is the event's.
func (t *Target) Fault(error) projection.Fault { return projection.FaultEvent }

// Traits implements [projection.Ledger].
func (t *Target) Traits() projection.Traits {
	return projection.Traits{Transactional: true, Undoes: true, Volatile: "everything, as it is in the memory of the program"}
}
