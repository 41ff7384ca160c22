package mongodb

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/mongotarget"
)

// TestMany is Entries/Many and Rows/Many of the kit with as many of both as FerretDB 1
// can bear: it keeps one of its 100 connections to SQLite for each update of a command
// that has found a document before the collection's end, and waits for ever when it
// has none left.
func TestMany(t *testing.T) {
	const n = 60
	db := connect(t).Database(database(t))
	target := mongotarget.New(db, nil)
	c, want := projection.Change{}, map[string]int64{}
	for i := range int64(n) {
		c.Put = append(c.Put, projection.Entry{Key: fmt.Sprintf("many/%05d", i), Value: fmt.Sprint(i)})
		want[fmt.Sprint("key ", i)] = i
	}
	for again := range 2 { // the second time the rows are there
		err := target.Update(t.Context(), c, func(_ context.Context, tx *mongotarget.Tx) error {
			for i := range int64(n) {
				if err := tx.Upsert(cairn.Position(i+1), "item", fmt.Sprint("key ", i), bson.M{"$inc": bson.M{"n": i}}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(again, err)
		}
	}
	if got, err := documents(t.Context(), db.Collection("item")); err != nil || !maps.Equal(got, want) {
		t.Fatalf("%v, %v", got, err)
	}
	entries := slices.Clone(c.Put)
	for i := range c.Put {
		c.Put[i].Value = ""
	}
	c.Put = c.Put[:n/2]
	if err := target.Apply(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if got, err := mongotarget.New(db, nil).Entries(t.Context(), "many/"); err != nil || !slices.Equal(got, entries[n/2:]) {
		t.Fatalf("%v, %v", got, err)
	}
}
