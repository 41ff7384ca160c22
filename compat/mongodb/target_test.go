package mongodb

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/mongotarget"
	"github.com/cairndb/cairn/projection/targettest"
)

func TestWithoutTransactions(t *testing.T) {
	targettest.Run(t, func(t testing.TB) targettest.Subject[*mongotarget.Tx] { return subject(t, nil) })
}

func TestWithTransactions(t *testing.T) {
	if !server.real {
		t.Skip("FerretDB 1 has no transactions; set CAIRN_TEST_MONGODB to the address of a replica set")
	}
	o := &mongotarget.Options{Transactions: true}
	targettest.Run(t, func(t testing.TB) targettest.Subject[*mongotarget.Tx] {
		s := subject(t, o)
		s.Add = func(_ context.Context, tx *mongotarget.Tx, r targettest.Row) error {
			return tx.Upsert(r.At, r.Table, r.Key, bson.M{"$inc": bson.M{"n": r.N}})
		}
		return s
	})
}

// TestProjections runs whole projections.
func TestProjections(t *testing.T) {
	targettest.RunProjections(t, func(t testing.TB) targettest.Subject[*mongotarget.Tx] { return subject(t, nil) },
		func(t testing.TB) cairn.Store {
			store, err := disk.OpenMemory(nil)
			if err != nil {
				t.Fatal(err)
			}
			return store
		})
}

func subject(t testing.TB, o *mongotarget.Options) targettest.Subject[*mongotarget.Tx] {
	name := database(t)
	reader := connect(t).Database(name)
	s := targettest.Subject[*mongotarget.Tx]{
		Target: mongotarget.New(connect(t).Database(name), o),
		Second: mongotarget.New(connect(t).Database(name), o),
		Put: func(_ context.Context, tx *mongotarget.Tx, r targettest.Row) error {
			return tx.Upsert(r.At, r.Table, r.Key, bson.M{"$set": bson.M{"n": r.N}})
		},
		Delete: func(_ context.Context, tx *mongotarget.Tx, r targettest.Row) error {
			return tx.Delete(r.At, r.Table, r.Key)
		},
		Rows: func(ctx context.Context, tables ...string) ([]map[string]int64, error) {
			return rows(ctx, reader, tables)
		},
		Lacks: []targettest.Feature{targettest.Moments},
		Faults: targettest.Faults[*mongotarget.Tx]{
			Violate: func(ctx context.Context, tx *mongotarget.Tx, table string) error {
				_, err := tx.Database().Collection(table).InsertMany(ctx, []bson.M{{"_id": "a"}, {"_id": "a"}})
				return err
			},
			Down: func(t testing.TB) projection.Target[*mongotarget.Tx] { return down(t, name, o) },
		},
	}
	if !server.real {
		s.Lacks = append(s.Lacks, targettest.NUL) // SQLite cuts texts in JSON at it
		const many = "FerretDB 1 reads the whole collection for each write that has a condition, and stands still at some 100 in one command; see TestMany"
		s.Except = map[string]string{"Entries/Many": many, "Rows/Many": many}
	}
	return s
}

// rows reads tables as readers do: by what is published, if anything is. If that has
// changed meanwhile, the build may have been discarded under them, and they look
// again.
func rows(ctx context.Context, db *mongo.Database, tables []string) ([]map[string]int64, error) {
	for {
		from, err := collections(ctx, db, tables)
		if err != nil {
			return nil, err
		}
		all := make([]map[string]int64, len(tables))
		for i, c := range from {
			if all[i], err = documents(ctx, c); err != nil {
				return nil, err
			}
		}
		if now, err := collections(ctx, db, tables); err != nil || slices.EqualFunc(from, now, called) {
			return all, err
		}
	}
}

func called(a, b *mongo.Collection) bool { return a.Name() == b.Name() }

func collections(ctx context.Context, db *mongo.Database, tables []string) (all []*mongo.Collection, err error) {
	for _, table := range tables {
		c, err := mongotarget.Collection(ctx, db, table)
		if errors.Is(err, projection.ErrUnknown) {
			c, err = db.Collection(table), nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// down is a target whose server is not there.
func down(t testing.TB, name string, o *mongotarget.Options) projection.Target[*mongotarget.Tx] {
	client, err := mongo.Connect(options.Client().ApplyURI("mongodb://127.0.0.1:1/").SetServerSelectionTimeout(10 * time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Disconnect(context.Background()); err != nil && !strings.Contains(err.Error(), "disconnected") {
			t.Error(err)
		}
	})
	return mongotarget.New(client.Database(name), o)
}
