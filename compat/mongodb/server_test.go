package mongodb

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/FerretDB/FerretDB/ferretdb"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// A server is where the tests run: FerretDB in this process, or the one that
// CAIRN_TEST_MONGODB names, which must be a replica set.
var server struct {
	uri  string
	real bool
}

func TestMain(m *testing.M) { os.Exit(serve(m)) }

func serve(m *testing.M) int {
	if server.uri = os.Getenv("CAIRN_TEST_MONGODB"); server.uri != "" {
		server.real = true
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "ferretdb-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	f, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Logger:    slog.New(slog.DiscardHandler),
		Handler:   "sqlite",
		SQLiteURL: "file:" + dir + "/?_pragma=synchronous(off)",
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	server.uri = f.MongoDBURI()
	code := m.Run()
	cancel()
	if err := <-done; err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// connect returns a client of its own.
func connect(t testing.TB) *mongo.Client {
	t.Helper()
	o := options.Client().ApplyURI(server.uri).SetServerSelectionTimeout(time.Minute)
	if !server.real {
		o.SetDialer(&turns{})
	}
	client, err := mongo.Connect(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Disconnect(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return client
}

var databases atomic.Int64

// database is the name of a database that nobody else uses, and that is removed.
func database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("cairn_%d_%d_%d", os.Getpid(), time.Now().UnixNano()%1e9, databases.Add(1))
	client := connect(t)
	t.Cleanup(func() {
		if err := client.Database(name).Drop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return name
}
