package mongotarget

import (
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/cairndb/cairn"
)

// A Tx is what handlers write with. Its writes are collected and sent together
// when the handler has returned, in their order. It is for one goroutine, and of no
// use afterwards.
type Tx struct {
	db           *mongo.Database
	transactions bool
	writes       []write
}

// Database is the database that the target writes to. With transactions its
// methods are part of the transaction when they are given the handler's context;
// [Tx.Flush] lets them see what was collected. Without transactions it is for
// Setup and Finish, for making indices.
func (tx *Tx) Database() *mongo.Database { return tx.db }

// Upsert changes a document, or makes it. The update is a document of update
// operators, such as bson.M{"$inc": bson.M{"cents": 5}}, or a whole document that
// replaces what is there, with no _id of its own. Pipelines are refused, and so are
// the fields _cairn and _gone, which are the target's.
func (tx *Tx) Upsert(at cairn.Position, collection string, id, update any) error {
	return tx.collect(at, collection, id, update, upserts)
}

// Update changes a document, and does nothing if it is not there. The update is as
// for Upsert.
func (tx *Tx) Update(at cairn.Position, collection string, id, update any) error {
	return tx.collect(at, collection, id, update, updates)
}

// Delete removes a document, if it is there. Without transactions it becomes a
// tombstone, which the package's documentation describes.
func (tx *Tx) Delete(at cairn.Position, collection string, id any) error {
	w, err := tx.target(at, collection, id)
	if err == nil {
		tx.writes = append(tx.writes, w.deletes(tx.transactions, time.Now()))
	}
	return err
}

func (tx *Tx) collect(at cairn.Position, collection string, id, update any, kind kind) error {
	w, err := tx.target(at, collection, id)
	if err != nil {
		return err
	}
	all, err := w.changes(update, kind, tx.transactions)
	tx.writes = append(tx.writes, all...)
	return err
}

// target checks what all writes have.
func (tx *Tx) target(at cairn.Position, collection string, id any) (write, error) {
	w := write{at: at, collection: collection, id: id}
	switch {
	case at == 0:
		return w, invalid("position", "must be the one of the event that is applied; positions begin at 1")
	case collection == "" || collection == LedgerName:
		return w, invalid("collection", "must be named, and not "+LedgerName)
	}
	key, err := identity(id)
	w.key = key
	return w, err
}

func invalid(field, problem string) error {
	return &cairn.InvalidError{Field: field, Problem: problem}
}
