package mongotarget

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"github.com/cairndb/cairn/projection"
)

// patience is how often a transaction is tried that loses against others. MongoDB
// does not let the second one wait, but ends it at once.
const patience = 8

// farewell is how long the server is waited for when a transaction is given up.
const farewell = 2 * time.Second

// errAgain marks a transaction that may be tried again from the beginning.
const errAgain = "TransientTransactionError"

// transact runs fn in a transaction, again if the server wants that.
func (t *Target) transact(ctx context.Context, fn func(ctx context.Context) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := t.leftovers(ctx); err != nil {
		return err
	}
	pause := time.Millisecond
	for try := 1; ; try++ {
		err := t.attempt(ctx, fn)
		if try == patience || !labeled(err, errAgain) || labeled(err, "NetworkError") {
			return err
		}
		select {
		case <-time.After(pause):
			pause *= 2
		case <-ctx.Done():
			return err
		}
	}
}

// attempt runs fn in one transaction. The driver asks for the outcome of a commit
// once more by itself; what is still open after that is for the caller to find out.
func (t *Target) attempt(ctx context.Context, fn func(ctx context.Context) error) error {
	session, err := t.db.Client().StartSession()
	if err != nil {
		return err
	}
	defer giveUp(ctx, session)
	if err := session.StartTransaction(options.Transaction().SetReadConcern(readconcern.Snapshot()).
		SetWriteConcern(writeconcern.Majority())); err != nil {
		return err
	}
	inside := mongo.NewSessionContext(ctx, session)
	if err := fn(inside); err != nil {
		return err
	}
	return session.CommitTransaction(inside)
}

// giveUp ends a session, and its transaction if that was not committed. The server
// forgets it anyway, if this does not reach it.
func giveUp(ctx context.Context, session *mongo.Session) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	session.EndSession(ctx)
}

// lock makes a change of entries, the first thing in a transaction: from then on
// whoever wants to change one of them loses.
func (t *Target) lock(ctx context.Context, c projection.Change) error {
	models, updates := locking(c)
	if len(models) == 0 {
		return nil
	}
	r, err := t.ledger.BulkWrite(ctx, models)
	if mongo.IsDuplicateKeyError(err) {
		return projection.ErrMoved // there should be none, and there is
	}
	if err != nil {
		return err
	}
	if r.MatchedCount+r.UpsertedCount != updates {
		return projection.ErrMoved
	}
	return nil
}

// locking are the writes that make a change, and how many documents they find or
// make if entries stand as expected. An entry that is only looked at is written
// too, as MongoDB sees a conflict between writes only.
func locking(c projection.Change) (models []mongo.WriteModel, updates int64) {
	put, gone := map[string]string{}, bson.A{}
	for _, e := range c.Put {
		put[e.Key] = e.Value
	}
	add := func(filter bson.D, key, value string, upsert bool) {
		update := bson.D{{Key: "$set", Value: bson.D{{Key: "value", Value: value}}}, {Key: "$inc", Value: bson.D{{Key: "changes", Value: int64(1)}}}}
		models = append(models, mongo.NewUpdateOneModel().SetFilter(filter).SetUpdate(update).SetUpsert(upsert))
		if updates++; value == "" {
			gone = append(gone, key)
		}
	}
	for _, e := range c.Expect {
		value, ok := put[e.Key]
		if !ok {
			value = e.Value
		}
		delete(put, e.Key)
		add(bson.D{{Key: "_id", Value: e.Key}, {Key: "value", Value: e.Value}}, e.Key, value, e.Value == "")
	}
	for _, e := range c.Put {
		if value, ok := put[e.Key]; ok {
			add(bson.D{{Key: "_id", Value: e.Key}}, e.Key, value, true)
			delete(put, e.Key)
		}
	}
	if len(gone) > 0 {
		models = append(models, mongo.NewDeleteManyModel().SetFilter(bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: gone}}}}))
	}
	return models, updates
}

// leftovers settles, once, what a target without transactions may have left.
func (t *Target) leftovers(ctx context.Context) error {
	if t.looked.Load() {
		return nil
	}
	h, err := t.read(ctx)
	if err == nil {
		err = t.settle(ctx, h)
	}
	if err == nil && len(h.Pending) > 0 {
		_, err = t.ledger.UpdateOne(ctx, bson.D{{Key: "_id", Value: headID}, {Key: "version", Value: h.Version}},
			bson.D{{Key: "$set", Value: bson.D{{Key: "pending", Value: bson.A{}}}}})
	}
	t.looked.Store(err == nil)
	return err
}

func labeled(err error, label string) bool {
	var l mongo.LabeledError
	return errors.As(err, &l) && l.HasErrorLabel(label)
}
