package mongotarget

import (
	"errors"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/cairndb/cairn"
)

// shown is a write as text.
func shown(t *testing.T, m mongo.WriteModel) string {
	t.Helper()
	var filter, update any
	upsert := false
	switch m := m.(type) {
	case *mongo.UpdateOneModel:
		filter, update, upsert = m.Filter, m.Update, m.Upsert != nil && *m.Upsert
	case *mongo.ReplaceOneModel:
		filter, update, upsert = m.Filter, m.Replacement, m.Upsert != nil && *m.Upsert
	case *mongo.DeleteOneModel:
		filter = m.Filter
	}
	text, err := bson.MarshalExtJSON(bson.D{{Key: "q", Value: filter}, {Key: "u", Value: update}, {Key: "upsert", Value: upsert}}, false, false)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestWrites looks at the documents that are sent.
func TestWrites(t *testing.T) {
	ops, doc := bson.D{{Key: "$set", Value: bson.D{{Key: "n", Value: 1}}}}, bson.D{{Key: "n", Value: 1}}
	first := bson.D{{Key: "$setOnInsert", Value: doc}, {Key: "$inc", Value: doc}}
	const older = `"_cairn":{"$not":{"$gte":7}}`
	cases := map[string]struct {
		transactions bool
		collect      func(tx *Tx) error
		want         []string
	}{
		"upsert": {false, func(tx *Tx) error { return tx.Upsert(7, "c", "a", ops) }, []string{
			`{"q":{"_id":"a",` + older + `},"u":{"$set":{"n":1,"_cairn":7},"$unset":{"_gone":""}},"upsert":true}`}},
		"upsert in a transaction": {true, func(tx *Tx) error { return tx.Upsert(7, "c", "a", ops) }, []string{
			`{"q":{"_id":"a"},"u":{"$set":{"n":1,"_cairn":7},"$unset":{"_gone":""}},"upsert":true}`}},
		"replace": {false, func(tx *Tx) error { return tx.Upsert(7, "c", "a", doc) }, []string{
			`{"q":{"_id":"a",` + older + `},"u":{"n":1,"_cairn":7},"upsert":true}`}},
		"update": {false, func(tx *Tx) error { return tx.Update(7, "c", "a", ops) }, []string{
			`{"q":{"_id":"a",` + older + `,"_gone":{"$exists":false}},"u":{"$set":{"n":1,"_cairn":7},"$unset":{"_gone":""}},"upsert":false}`}},
		"on insert": {false, func(tx *Tx) error { return tx.Upsert(7, "c", "a", first) }, []string{
			`{"q":{"_id":"a",` + older + `,"_gone":{"$exists":true}},"u":{"$inc":{"n":1},"$set":{"n":1,"_cairn":7},"$unset":{"_gone":""}},"upsert":false}`,
			`{"q":{"_id":"a",` + older + `},"u":{"$setOnInsert":{"n":1},"$inc":{"n":1},"$set":{"_cairn":7},"$unset":{"_gone":""}},"upsert":true}`}},
		"delete in a transaction": {true, func(tx *Tx) error { return tx.Delete(7, "c", "a") }, []string{`{"q":{"_id":"a"},"u":null,"upsert":false}`}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			tx := &Tx{transactions: c.transactions}
			if err := c.collect(tx); err != nil || len(tx.writes) != len(c.want) {
				t.Fatalf("%v; %d writes", err, len(tx.writes))
			}
			for i, w := range tx.writes {
				if got := shown(t, w.model); got != c.want[i] {
					t.Errorf("write %d is\n%s, want\n%s", i, got, c.want[i])
				}
			}
		})
	}
}

func TestTombstone(t *testing.T) {
	w := write{at: 7, id: "a"}.deletes(false, time.UnixMilli(5))
	const want = `{"q":{"_id":"a","_cairn":{"$not":{"$gte":7}},"_gone":{"$exists":false}},"u":{"_cairn":7,"_gone":{"$date":"1970-01-01T00:00:00.005Z"}},"upsert":false}`
	if got := shown(t, w.model); got != want {
		t.Fatalf("a delete is\n%s, want\n%s", got, want)
	}
}

// TestBadWrites refuses what cannot be made idempotent, by field.
func TestBadWrites(t *testing.T) {
	ok := bson.M{"n": 1}
	cases := map[string]struct {
		field  string
		at     cairn.Position
		c      string
		id     any
		update any
	}{
		"position":  {"position", 0, "c", "a", ok},
		"nameless":  {"collection", 1, "", "a", ok},
		"ledger":    {"collection", 1, LedgerName, "a", ok},
		"no id":     {"id", 1, "c", nil, ok},
		"list":      {"id", 1, "c", bson.A{1}, ok},
		"function":  {"id", 1, "c", func() {}, ok},
		"pipeline":  {"update", 1, "c", "a", mongo.Pipeline{{{Key: "$set", Value: ok}}}},
		"nothing":   {"update", 1, "c", "a", nil},
		"mixture":   {"update", 1, "c", "a", bson.D{{Key: "$inc", Value: ok}, {Key: "n", Value: 1}}},
		"no fields": {"update", 1, "c", "a", bson.M{"$inc": 1}},
		"own field": {"update", 1, "c", "a", bson.M{"$inc": bson.M{"_cairn": 1}}},
		"below it":  {"update", 1, "c", "a", bson.M{"$set": bson.M{"_gone.x": 1}}},
		"its id":    {"update", 1, "c", "a", bson.M{"_id": "b"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			tx := &Tx{}
			err := tx.Upsert(c.at, c.c, c.id, c.update)
			var invalid *cairn.InvalidError
			if !errors.As(err, &invalid) || invalid.Field != c.field || len(tx.writes) > 0 {
				t.Fatalf("got %v, want %s refused", err, c.field)
			}
		})
	}
}
