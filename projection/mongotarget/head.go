package mongotarget

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/cairndb/cairn/projection"
)

// headID is the document that all changes go through. Keys of entries cannot
// contain "#", and sort after it.
const headID = "#"

// tombs is how long an entry that was removed is remembered: longer than a call to
// the server can take that was made before.
const tombs = time.Hour

// A head is what the ledger as a whole stands at. To replace it, comparing its
// version, is to make a change: what is pending holds from then on, whatever the
// documents of those entries still say.
type head struct {
	Version int64          `bson:"version"`
	Pending []entry        `bson:"pending"`
	Tables  map[string]int `bson:"tables"` // the build that readers see of each table
}

// An entry is a document of the ledger.
type entry struct {
	Key   string `bson:"_id"`
	Value string `bson:"value"` // empty if it was removed
}

// read returns the head; one that was never written is zero.
func (t *Target) read(ctx context.Context) (h head, err error) {
	err = t.ledger.FindOne(ctx, bson.D{{Key: "_id", Value: headID}}).Decode(&h)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return h, nil
	}
	return h, err
}

// advance replaces the head by its successor, unless somebody was quicker.
func (t *Target) advance(ctx context.Context, h head, put []projection.Entry, tables bson.D) (bool, error) {
	if err := t.settle(ctx, h); err != nil {
		return false, err
	}
	set := append(bson.D{{Key: "version", Value: h.Version + 1}, {Key: "pending", Value: entries(put)}}, tables...)
	filter := bson.D{{Key: "_id", Value: headID}, {Key: "version", Value: h.Version}}
	r, err := t.ledger.UpdateOne(ctx, filter, bson.D{{Key: "$set", Value: set}}, options.UpdateOne().SetUpsert(h.Version == 0))
	if h.Version == 0 && mongo.IsDuplicateKeyError(err) {
		return false, nil
	}
	if err != nil || r.MatchedCount+r.UpsertedCount == 0 {
		return false, err
	}
	h.Version, h.Pending = h.Version+1, entries(put)
	// The change is made. If this fails, whoever makes the next one does it.
	_ = t.settle(ctx, h)
	return true, nil
}

func entries(put []projection.Entry) []entry {
	all := make([]entry, len(put))
	for i, e := range put {
		all[i] = entry(e)
	}
	return all
}

// settle puts what is pending where it belongs. Each document keeps the version it
// is from, so that somebody who was held up while settling does no harm; one that
// is removed stays for a while for the same reason.
func (t *Target) settle(ctx context.Context, h head) error {
	if len(h.Pending) == 0 || t.settled.Load() == h.Version {
		return nil
	}
	_, err := t.ledger.BulkWrite(ctx, settling(h, time.Now()), options.BulkWrite().SetOrdered(false))
	if err != nil && !onlyDuplicates(err) {
		return err
	}
	t.settled.Store(h.Version)
	return nil
}

// settling are the writes that settle. One that finds a later version there tries
// to insert, and fails as a duplicate.
func settling(h head, now time.Time) []mongo.WriteModel {
	models := make([]mongo.WriteModel, len(h.Pending), len(h.Pending)+1)
	for i, e := range h.Pending {
		set := bson.D{{Key: "value", Value: e.Value}, {Key: "version", Value: h.Version}}
		if e.Value == "" {
			set = append(set, bson.E{Key: "gone", Value: now})
		}
		models[i] = mongo.NewUpdateOneModel().SetUpsert(true).
			SetFilter(bson.D{{Key: "_id", Value: e.Key}, {Key: "version", Value: notSince(h.Version)}}).
			SetUpdate(bson.D{{Key: "$set", Value: set}})
	}
	if h.Version%256 == 0 {
		models = append(models, mongo.NewDeleteManyModel().SetFilter(
			bson.D{{Key: "value", Value: ""}, {Key: "gone", Value: bson.D{{Key: "$lt", Value: now.Add(-tombs)}}}}))
	}
	return models
}

// notSince matches numbers below n, and documents without one.
func notSince(n int64) bson.D {
	return bson.D{{Key: "$not", Value: bson.D{{Key: "$gte", Value: n}}}}
}

func onlyDuplicates(err error) bool {
	var bulk mongo.BulkWriteException
	if !errors.As(err, &bulk) || bulk.WriteConcernError != nil {
		return false
	}
	for _, w := range bulk.WriteErrors {
		if !mongo.IsDuplicateKeyError(w.WriteError) {
			return false
		}
	}
	return true
}
