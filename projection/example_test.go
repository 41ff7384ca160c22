package projection_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
)

type Deposited struct{ Cents int64 }

var accountEvents = codec.JSON(codec.Types[Deposited]{"deposited": Deposited{}})

// balances is how much is in each account.
var balances = projection.Projection[*memtarget.Tx]{
	Name:   "balances",
	Tables: []string{"balance"},
	Handler: projection.On(accountEvents, func(_ context.Context, tx *memtarget.Tx, e Deposited, at *projection.Event) error {
		cents, _ := memtarget.Value[int64](tx.Get(at.Name("balance"), at.Stream))
		tx.Set(at.Name("balance"), at.Stream, cents+e.Cents)
		return nil
	}),
	Lineage: func(e *cairn.Recorded) []string { return []string{"balance/" + e.Stream} },
}

// deposit appends to an account and returns the position.
func deposit(store cairn.Store, stream string, cents int64) cairn.Position {
	e, err := accountEvents.Encode(Deposited{cents})
	if err != nil {
		panic(err)
	}
	r, err := store.Append(context.Background(), stream, cairn.Any, e)
	if err != nil {
		panic(err)
	}
	return r.Position
}

// running is a store and a target, and the projection running in the background.
func running(p projection.Projection[*memtarget.Tx]) (store cairn.Store, target *memtarget.Target, stop func()) {
	store, err := disk.OpenMemory(nil)
	if err != nil {
		panic(err)
	}
	target = memtarget.New()
	ctx, cancel := context.WithCancel(context.Background())
	var runner sync.WaitGroup
	runner.Go(func() {
		if err := projection.Run(ctx, store, target, p, nil); !errors.Is(err, context.Canceled) {
			panic(err)
		}
	})
	return store, target, func() {
		cancel()
		runner.Wait()
		_ = store.Close()
	}
}

func Example() {
	store, target, stop := running(balances)
	defer stop()
	ctx := context.Background()
	deposit(store, "account-ann", 1000)
	token := deposit(store, "account-ann", 250)

	if err := projection.Wait(ctx, store, target, "balances", token); err != nil {
		fmt.Println(err)
	}
	fmt.Println(target.Table("balance").Get("account-ann"))
	// Output: 1250 true
}

func ExampleFresh() {
	store, target, stop := running(balances)
	defer stop()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /accounts/{account}/deposits", func(w http.ResponseWriter, r *http.Request) {
		projection.SetToken(w, deposit(store, "account-"+r.PathValue("account"), 500))
		w.WriteHeader(http.StatusCreated)
	})
	balance := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cents, _ := target.Table("balance").Get("account-" + r.PathValue("account"))
		fmt.Fprintln(w, cents)
	})
	mux.Handle("GET /accounts/{account}", projection.Fresh(store, target, "balances", time.Minute)(balance))

	server := httptest.NewServer(mux)
	defer server.Close()
	created, err := http.Post(server.URL+"/accounts/ann/deposits", "", nil)
	if err != nil {
		panic(err)
	}
	_ = created.Body.Close()
	seen, err := http.Get(server.URL + "/accounts/ann?cairn-position=" + created.Header.Get("Cairn-Position"))
	if err != nil {
		panic(err)
	}
	defer seen.Body.Close()
	_, _ = io.Copy(os.Stdout, seen.Body)
	// Output: 500
}

func ExampleAudit() {
	store, target, stop := running(balances)
	defer stop()
	ctx := context.Background()
	for range 100 {
		deposit(store, "account-ann", 1)
	}
	if err := projection.Wait(ctx, store, target, "balances", 100); err != nil {
		fmt.Println(err)
	}
	report, err := projection.Audit(ctx, store, target, "balances", projection.AuditOptions{})
	fmt.Println(report.OK(), report.Lanes[0].Applied.Count, err)
	// Output: true 100 <nil>
}

func ExampleExplain() {
	store, target, stop := running(balances)
	defer stop()
	ctx := context.Background()
	deposit(store, "account-ann", 1000)
	deposit(store, "account-bob", 70)
	if err := projection.Wait(ctx, store, target, "balances", deposit(store, "account-ann", 250)); err != nil {
		fmt.Println(err)
	}
	for e, err := range projection.Explain(ctx, store, target, "balances", "balance/account-ann") {
		fmt.Println(e.Position, e.Type, string(e.Data), err)
	}
	// Output:
	// 1 deposited {"Cents":1000} <nil>
	// 3 deposited {"Cents":250} <nil>
}

func ExampleAsOf() {
	store, target, stop := running(balances)
	defer stop()
	ctx := context.Background()
	deposit(store, "account-ann", 1000)
	yesterday := deposit(store, "account-ann", 250)
	deposit(store, "account-ann", 8000)

	err := projection.AsOf(ctx, store, target, balances, projection.AsOfOptions{Key: "account-ann", Position: yesterday},
		func(_ context.Context, tx *memtarget.Tx, n projection.Names) error {
			cents, _ := tx.Get(n.Name("balance"), "account-ann")
			fmt.Println("then:", cents)
			return nil
		})
	fmt.Println(err)
	// Output:
	// then: 1250
	// <nil>
}

func ExampleCheck() {
	store, target, stop := running(balances)
	defer stop()
	ctx := context.Background()
	deposit(store, "account-ann", 1000)
	for _, data := range []string{`{"Cents":"70"}`, `{"Cents":7.5,"By":"bob"}`} {
		if _, err := store.Append(ctx, "old-1", cairn.Any, cairn.Event{Type: "deposited", Data: []byte(data)}); err != nil {
			panic(err)
		}
	}
	report, err := projection.Check(ctx, store, projection.CheckOptions{},
		projection.Decodes("account", accountEvents, nil),
		projection.Projects(target, projection.Projection[*memtarget.Tx]{
			Name: "next", Tables: balances.Tables, Handler: balances.Handler,
		}))
	if err != nil {
		panic(err)
	}
	for _, f := range report.Findings {
		fmt.Println(f.Subject, f.Outcome, f.Type, f.Shape, f.Count)
	}
	// Output:
	// account fine deposited {Cents:integer} 1
	// account breaks deposited {Cents:string} 1
	// account breaks deposited {By:string, Cents:number} 1
	// next fine deposited {Cents:integer} 1
	// next breaks deposited {Cents:string} 1
	// next breaks deposited {By:string, Cents:number} 1
}
