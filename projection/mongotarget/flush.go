package mongotarget

import (
	"context"
	"errors"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// Flush sends what was collected so far, collection by collection. Only handlers
// that read in a transaction need to call it. A write that the server refuses is
// the failure of its event.
func (tx *Tx) Flush(ctx context.Context) error {
	var names []string
	of := map[string][]write{}
	for _, w := range tx.writes {
		if of[w.collection] == nil {
			names = append(names, w.collection)
		}
		of[w.collection] = append(of[w.collection], w)
	}
	tx.writes = nil
	for _, name := range names {
		if err := tx.send(ctx, tx.db.Collection(name), of[name]); err != nil {
			return err
		}
	}
	return nil
}

// send writes in order. Where an upsert turns out to be a duplicate, the events
// probably come again: then what the documents have seen is asked for, and left out
// of the rest.
func (tx *Tx) send(ctx context.Context, to *mongo.Collection, writes []write) error {
	for tried := false; len(writes) > 0; {
		_, err := to.BulkWrite(ctx, models(writes))
		i, ok := refused(err)
		if err == nil || !ok {
			return err
		}
		failure := blame(writes[i].at, err)
		if tx.transactions || !mongo.IsDuplicateKeyError(err) {
			return failure
		}
		rest, err := unseen(ctx, to, writes[i:])
		if err != nil {
			return err
		}
		if len(rest) == len(writes)-i && tried {
			return failure // another field must be unique as well, and is not
		}
		// Somebody may have made an older version of the document meanwhile.
		tried = len(rest) == len(writes)-i
		writes = rest
	}
	return nil
}

func models(writes []write) []mongo.WriteModel {
	all := make([]mongo.WriteModel, len(writes))
	for i, w := range writes {
		all[i] = w.model
	}
	return all
}

// refused is which write of a bulk the server would not do.
func refused(err error) (int, bool) {
	var bulk mongo.BulkWriteException
	if !errors.As(err, &bulk) || bulk.WriteConcernError != nil || len(bulk.WriteErrors) == 0 {
		return 0, false
	}
	return bulk.WriteErrors[0].Index, true
}

// blame makes an error that of an event, if it is one's.
func blame(at cairn.Position, err error) error {
	if fault(err) != projection.FaultEvent {
		return err
	}
	return &projection.EventError{Position: at, Err: err}
}

// unseen leaves out the writes whose document has seen their event.
func unseen(ctx context.Context, in *mongo.Collection, writes []write) ([]write, error) {
	ids := bson.A{}
	for _, w := range writes {
		ids = append(ids, w.id)
	}
	cursor, err := in.Find(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}},
		options.Find().SetProjection(bson.D{{Key: positionField, Value: 1}}))
	if err != nil {
		return nil, err
	}
	var docs []struct {
		ID bson.RawValue `bson:"_id"`
		At int64         `bson:"_cairn"`
	}
	if err := cursor.All(ctx, &docs); err != nil {
		return nil, err
	}
	seen := map[string]cairn.Position{}
	for _, d := range docs {
		seen[string(byte(d.ID.Type))+string(d.ID.Value)] = cairn.Position(d.At)
	}
	return slices.DeleteFunc(slices.Clone(writes), func(w write) bool { return seen[w.key] >= w.at }), nil
}
