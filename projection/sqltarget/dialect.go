package sqltarget

import (
	"context"
	"fmt"

	"github.com/cairndb/cairn/projection"
)

// A dialect is what the databases do in ways of their own.
type dialect struct {
	make, entries, hold, lock, put, remove string // statements, as PostgresMake and the others

	row func(n int) string // the parameters of the nth entry in put, from 0 on

	touch string // does nothing, and fails if the ledger is missing

	before, after string // what sets up a connection for a transaction, and back

	// guard and unguard take and give back a lock with a name, where commits. See
	// [Target.guard].
	guard, unguard string

	// commits says that statements about tables commit the transaction.
	commits bool

	// undoes says that after an error the transaction may be gone while its
	// statements still work.
	undoes bool

	fault            func(error) projection.Fault
	missing, waiting func(error) bool // a table; a lock that could not be had in time

	// publish, discard and withdraw run in a transaction, or on a connection beside it if
	// the dialect commits.
	publish, discard, withdraw func(ctx context.Context, on statements, tables []string, n projection.Names) error
}

var postgres = dialect{
	make: PostgresMake, entries: PostgresEntries, hold: PostgresHold, lock: PostgresLock, put: PostgresPut, remove: PostgresRemove,
	touch: `SELECT FROM cairn_projection WHERE false`,
	row:   func(n int) string { return fmt.Sprintf("($%d, $%d)", 2*n+1, 2*n+2) },
	fault: PostgresFault, missing: PostgresMissing, waiting: PostgresWaiting,
	publish: oneStatement(PostgresPublish), discard: oneStatement(PostgresDiscard), withdraw: oneStatement(postgresWithdraw),
}

// oneStatement does by a statement what there is to do.
func oneStatement(text func([]string, projection.Names) (string, error)) func(context.Context, statements, []string, projection.Names) error {
	return func(ctx context.Context, on statements, tables []string, n projection.Names) error {
		query, err := text(tables, n)
		if err != nil {
			return err
		}
		_, err = on.ExecContext(ctx, query)
		return err
	}
}
