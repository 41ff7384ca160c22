package mongodb

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/mongotarget"
)

// A step is what one event does with one document.
type step struct {
	what string
	key  string
	n    int64
}

// apply is what the model says of a step.
func (s step) apply(docs map[string]int64) {
	old, there := docs[s.key]
	switch {
	case s.what == "delete":
		delete(docs, s.key)
	case s.what == "add":
		docs[s.key] = old + s.n
	case s.what == "begin" && !there:
		docs[s.key] = s.n
	case s.what == "begin":
	case s.what == "update" && !there:
	default:
		docs[s.key] = s.n
	}
}

// write is the same with the target.
func (s step) write(tx *mongotarget.Tx, at cairn.Position) error {
	switch s.what {
	case "delete":
		return tx.Delete(at, "doc", s.key)
	case "add":
		return tx.Upsert(at, "doc", s.key, bson.M{"$inc": bson.M{"n": s.n}})
	case "begin":
		return tx.Upsert(at, "doc", s.key, bson.M{"$setOnInsert": bson.M{"n": s.n}, "$set": bson.M{"seen": true}})
	case "update":
		return tx.Update(at, "doc", s.key, bson.M{"$set": bson.M{"n": s.n}})
	case "replace":
		return tx.Upsert(at, "doc", s.key, bson.M{"n": s.n})
	}
	panic(s.what)
}

// TestEventsAgain applies random events to few documents, and goes back again and
// again, as after a crash between documents and checkpoint. In between somebody who
// was paused writes something old. Nothing of that may show.
func TestEventsAgain(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { again(t, rand.New(rand.NewPCG(seed, 5))) })
	}
}

func again(t *testing.T, r *rand.Rand) {
	db := connect(t).Database(database(t))
	target, old := mongotarget.New(db, nil), mongotarget.New(db, nil)
	what := []string{"add", "add", "begin", "update", "replace", "delete"}
	log := make([]step, 120)
	want := map[string]int64{}
	for i := range log {
		log[i] = step{what[r.IntN(len(what))], fmt.Sprint("k", r.IntN(5)), r.Int64N(100)}
	}
	for done := 0; done < len(log); {
		end := min(done+1+r.IntN(15), len(log))
		play(t, target, log, max(0, done-r.IntN(10)), end)
		for ; done < end; done++ {
			log[done].apply(want)
		}
		if from := r.IntN(done); r.IntN(2) == 0 {
			play(t, old, log, from, from+1+r.IntN(done-from))
		}
		got, err := documents(t.Context(), db.Collection("doc"))
		if err != nil || !maps.Equal(got, want) {
			t.Fatalf("after %d events: %v, %v; want %v", done, got, err, want)
		}
	}
}

func play(t *testing.T, target *mongotarget.Target, log []step, from, to int) {
	t.Helper()
	err := target.Update(t.Context(), projection.Change{}, func(_ context.Context, tx *mongotarget.Tx) error {
		for i := from; i < to; i++ {
			if err := log[i].write(tx, cairn.Position(i+1)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestUnique has a field that must be unique besides _id: what clashes there is
// the failure of its event, and no event that was applied before.
func TestUnique(t *testing.T) {
	db := connect(t).Database(database(t))
	target := mongotarget.New(db, nil)
	unique := mongo.IndexModel{Keys: bson.D{{Key: "mail", Value: 1}}, Options: options.Index().SetUnique(true)}
	if _, err := db.Collection("user").Indexes().CreateOne(t.Context(), unique); err != nil {
		t.Fatal(err)
	}
	add := func(at cairn.Position, id, mail string) error {
		return target.Update(t.Context(), projection.Change{}, func(_ context.Context, tx *mongotarget.Tx) error {
			return errors.Join(tx.Upsert(1, "user", "ann", bson.M{"mail": "a"}), tx.Upsert(at, "user", id, bson.M{"mail": mail}))
		})
	}
	if err := add(2, "bob", "b"); err != nil {
		t.Fatal(err)
	}
	err := add(3, "cid", "a")
	var e *projection.EventError
	if !errors.As(err, &e) || e.Position != 3 || target.Fault(err) != projection.FaultEvent {
		t.Fatalf("got %v, want the failure of event 3", err)
	}
}
