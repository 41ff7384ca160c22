package sqlinbox

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/inbox"
)

// Options are the settings of an inbox. The zero value is right for most.
type Options struct {
	inbox.Rules
	inbox.Hooks

	// Table is where the marks are, with a schema in front if need be. Empty
	// means [DefaultTable].
	Table string

	// Tx are the options of the transactions. Nil means the database's defaults,
	// which will do for the mark whatever they are.
	Tx *sql.TxOptions

	// Attempts is how often to try a transaction that the database gives up for
	// the sake of others. Zero means 10.
	Attempts int

	// Retry says of further errors that they are such. Nil adds none: those of
	// pgx, lib/pq, go-sql-driver and the SQLite drivers are known.
	Retry func(error) bool

	// SweepEvery is how often [Inbox.Run] sweeps. Zero means an hour.
	SweepEvery time.Duration

	// SweepBatch is how many rows one statement of a sweep deletes at most. Zero
	// means 1,000.
	SweepBatch int
}

// An Inbox remembers in a table what was handled. It has nothing to close; the
// database belongs to the caller. All methods may be called concurrently, in any
// number of processes.
type Inbox struct {
	db      *sql.DB
	dialect Dialect
	name    string
	o       Options
	sql     statements
}

// New makes an inbox over a table that [Schema] has made. A malformed argument
// is a [*cairn.InvalidError].
func New(db *sql.DB, d Dialect, name string, o Options) (*Inbox, error) {
	if err := errors.Join(inbox.ValidateName(name), d.validate()); err != nil {
		return nil, err
	}
	var err error
	if o.Rules, err = o.Rules.WithDefaults(); err != nil {
		return nil, err
	}
	table, err := d.quoted(cmp.Or(o.Table, DefaultTable))
	if err != nil {
		return nil, err
	}
	o.Attempts, o.SweepBatch = cmp.Or(o.Attempts, 10), cmp.Or(o.SweepBatch, 1000)
	o.SweepEvery = cmp.Or(o.SweepEvery, time.Hour)
	if o.Attempts < 0 || o.SweepBatch < 0 || o.SweepEvery < 0 {
		return nil, &cairn.InvalidError{Field: "attempts, sweep every and sweep batch", Problem: "must not be negative"}
	}
	return &Inbox{db: db, dialect: d, name: name, o: o, sql: d.statements(table)}, nil
}

// Handler is [Inbox.Handle] as a broker.Subscriber wants it.
func (in *Inbox) Handler(handle func(context.Context, *sql.Tx, broker.Delivery) error) func(context.Context, broker.Delivery) error {
	return func(ctx context.Context, d broker.Delivery) error { return in.Handle(ctx, d, handle) }
}

// Handle handles a delivery unless that was done before, in a transaction that
// also marks it as handled. Nil means that the effect is stored, by this call or
// an earlier one, so the delivery can be acknowledged. After an error nothing is
// stored, but for one of the commit itself, after which nobody knows; handling
// the delivery again is always right.
//
// Handle may be called several times, so all it does must be in the transaction,
// which it must neither commit nor roll back. When it fails or panics everything
// is rolled back, the mark included.
func (in *Inbox) Handle(ctx context.Context, d broker.Delivery, handle func(context.Context, *sql.Tx, broker.Delivery) error) error {
	return in.Once(ctx, inbox.ArrivalOf(d), func(ctx context.Context, tx *sql.Tx) error { return handle(ctx, tx, d) })
}

// Once is Handle for what did not come from a broker.
func (in *Inbox) Once(ctx context.Context, a inbox.Arrival, handle func(context.Context, *sql.Tx) error) error {
	if err := in.o.Admit(in.name, a, &in.o.Hooks); err != nil {
		return err
	}
	return in.again(ctx, func() error { return in.attempt(ctx, a, handle) })
}

func (in *Inbox) attempt(ctx context.Context, a inbox.Arrival, handle func(context.Context, *sql.Tx) error) error {
	tx, err := in.db.BeginTx(ctx, in.o.Tx)
	if err != nil {
		return fmt.Errorf("sqlinbox: begin: %w", err)
	}
	defer tx.Rollback() // does nothing after a commit; a panic passes through
	fresh, err := in.insert(ctx, tx, &a)
	if err != nil {
		return fmt.Errorf("sqlinbox: mark %q: %w", a.ID, cause(ctx, err))
	}
	if !fresh {
		return in.repeated(ctx, tx, a)
	}
	if err := handle(ctx, tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("sqlinbox: commit %q: %w", a.ID, cause(ctx, err))
	}
	in.o.Done(a)
	return nil
}

// cause is why a transaction is over. One whose context has ended is rolled back
// at once, and may then say no more than that it is over.
func cause(ctx context.Context, err error) error {
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// insert marks the arrival as handled, and says whether it was not.
func (in *Inbox) insert(ctx context.Context, tx *sql.Tx, a *inbox.Arrival) (bool, error) {
	key := a.Key()
	r, err := tx.ExecContext(ctx, in.sql.insert, in.name, key[:], a.Source, a.ID, a.Sum[:])
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n > 0, err
}

func (in *Inbox) repeated(ctx context.Context, tx *sql.Tx, a inbox.Arrival) error {
	var content []byte
	var at int64
	key := a.Key()
	err := tx.QueryRowContext(ctx, in.sql.read, in.name, key[:]).Scan(&content, &at)
	if errors.Is(err, sql.ErrNoRows) {
		err = errSwept
	}
	if err != nil {
		return fmt.Errorf("sqlinbox: read the mark of %q: %w", a.ID, err)
	}
	var handled inbox.Sum
	copy(handled[:], content)
	return in.o.Repeated(in.name, a, handled, time.Unix(at, 0), &in.o.Hooks)
}
