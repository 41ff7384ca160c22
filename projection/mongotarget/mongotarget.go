package mongotarget

import (
	"context"
	"sync/atomic"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"github.com/cairndb/cairn/projection"
)

// LedgerName is the collection that holds the bookkeeping. It is made when it is
// first written.
const LedgerName = "cairn_projection"

// Options are what New can be told. Nil, and the zero value, work on any server.
type Options struct {
	// Transactions makes an update one transaction. It takes a replica set or a
	// sharded cluster. The package's documentation says what is different without.
	Transactions bool
}

// A Target keeps read models in a database of MongoDB. It implements
// [projection.Target] and [projection.Publisher]. Its methods may be called
// concurrently.
type Target struct {
	db     *mongo.Database
	ledger *mongo.Collection
	o      Options

	turn    chan struct{} // held by whoever changes or reads entries without transactions
	settled atomic.Int64  // the version whose entries are known to be where they belong
	looked  atomic.Bool   // with transactions: nothing is left to settle
}

var (
	_ projection.Target[*Tx] = (*Target)(nil)
	_ projection.Publisher   = (*Target)(nil)
)

// New returns a target that writes to a database. It writes with write concern
// "majority" and reads what a majority has from the primary, whatever the
// database's own settings are. The client is the caller's to close.
func New(db *mongo.Database, o *Options) *Target {
	if o == nil {
		o = &Options{}
	}
	strict := options.Database().SetWriteConcern(writeconcern.Majority()).
		SetReadConcern(readconcern.Majority()).SetReadPreference(readpref.Primary())
	db = db.Client().Database(db.Name(), strict)
	return &Target{db: db, ledger: db.Collection(LedgerName), o: *o, turn: make(chan struct{}, 1)}
}

// Traits implements [projection.Ledger].
func (t *Target) Traits() projection.Traits {
	return projection.Traits{Transactional: t.o.Transactions, Undoes: t.o.Transactions}
}

// take waits for the turn, which the returned function gives back.
func (t *Target) take(ctx context.Context) (done func(), err error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	select {
	case t.turn <- struct{}{}:
		return func() { <-t.turn }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// ended is what a method returns: the cause of the context's end, if that is why
// it failed.
func ended(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return &endedError{context.Cause(ctx), err}
	}
	return err
}

// An endedError is a call that failed because its context has ended.
type endedError struct{ cause, err error }

func (e *endedError) Error() string   { return e.cause.Error() + ": " + e.err.Error() }
func (e *endedError) Unwrap() []error { return []error{e.cause, e.err} }
