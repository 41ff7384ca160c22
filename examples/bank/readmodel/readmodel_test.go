package readmodel_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/examples/bank/account"
	"github.com/cairndb/cairn/examples/bank/bank"
	"github.com/cairndb/cairn/examples/bank/readmodel"
	"github.com/cairndb/cairn/projection"
)

// databases are those that the tests run on, by name. PostgreSQL is skipped where
// there is none.
func databases(t *testing.T, test func(t *testing.T, db *readmodel.Database)) {
	t.Run("sqlite", func(t *testing.T) {
		db, err := readmodel.Open(t.Context(), "sqlite:"+t.TempDir()+"/read.db")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		test(t, db)
	})
	t.Run("postgres", func(t *testing.T) { test(t, postgres(t)) })
}

// postgres opens a schema of the test's own.
func postgres(t *testing.T) *readmodel.Database {
	url := os.Getenv("CAIRN_POSTGRES_URL")
	if url == "" {
		url = "postgres://postgres@127.0.0.1:5432/test?sslmode=disable"
	}
	admin, err := readmodel.Open(t.Context(), url)
	if err != nil {
		if os.Getenv("CAIRN_REQUIRE_SERVICES") != "" {
			t.Fatal(err)
		}
		t.Skipf("no PostgreSQL: %v", err)
	}
	schema := fmt.Sprintf("bank_%08x", rand.Uint32())
	if _, err := admin.Exec("CREATE SCHEMA " + schema); err != nil {
		t.Fatal(err)
	}
	db, err := readmodel.Open(t.Context(), url+"&search_path="+schema)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, err := admin.Exec("DROP SCHEMA " + schema + " CASCADE")
		if err := errors.Join(err, db.Close(), admin.Close()); err != nil {
			t.Error(err)
		}
	})
	return db
}

// TestBooks does random business and compares the tables with the streams.
func TestBooks(t *testing.T) {
	databases(t, func(t *testing.T, db *readmodel.Database) {
		store, err := disk.OpenMemory(nil)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		ctx, stop := context.WithCancel(t.Context())
		kept := make(chan error, 1)
		go func() { kept <- projection.Deploy(ctx, store, db.Target, readmodel.Books(), nil) }()
		business(t, bank.New(store, nil))
		info, err := store.Info(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := projection.Wait(ctx, store, db.Target, readmodel.Name, info.Head); err != nil {
			t.Fatal(err)
		}
		compare(t, bank.New(store, nil), db)
		report, err := projection.Audit(ctx, store, db.Target, readmodel.Name, projection.AuditOptions{})
		if err != nil || !report.OK() {
			t.Errorf("audit %+v, %v", report, err)
		}
		stop()
		if err := <-kept; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// business opens accounts, moves money, and closes some.
func business(t *testing.T, b *bank.Bank) {
	r := rand.New(rand.NewPCG(1, 2))
	var numbers []account.Number
	for i := range 12 {
		a, err := b.Open(t.Context(), fmt.Sprint("customer ", i))
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, a.Number)
	}
	refused := 0
	for range 300 {
		from, to := numbers[r.IntN(len(numbers))], numbers[r.IntN(len(numbers))]
		amount := account.Money(1 + r.IntN(5000))
		var err error
		switch r.IntN(12) {
		case 0, 1, 2, 3:
			_, err = b.Deposit(t.Context(), from, amount)
		case 4:
			_, err = b.Withdraw(t.Context(), from, amount)
		case 5:
			_, err = b.Close(t.Context(), from)
		default:
			_, err = b.Transfer(t.Context(), bank.Transfer{ID: cairn.NewID(), From: from, To: to, Amount: amount})
		}
		if err != nil { // refused: too little money, the account is closed, to itself
			refused++
		}
	}
	if refused == 0 || refused == 300 {
		t.Fatalf("%d of 300 refused", refused)
	}
}

// compare compares each account's row and statement with what its stream says.
func compare(t *testing.T, b *bank.Bank, db *readmodel.Database) {
	t.Helper()
	all, err := b.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]readmodel.Balance{}
	for row, err := range db.Richest(t.Context(), 1000) {
		if err != nil {
			t.Fatal(err)
		}
		rows[row.Account] = row
	}
	var sum account.Money
	for _, a := range all {
		sum += a.Balance
		if row := rows[string(a.Number)]; row.Balance != a.Balance || row.Name != a.Name || row.Status != a.Status.String() {
			t.Errorf("row %+v, account %+v", row, a)
		}
		lines(t, b, db, a.Number)
	}
	if total, _, err := db.Total(t.Context()); err != nil || total != sum || len(rows) != len(all) {
		t.Errorf("total %v, want %v; %d rows of %d; %v", total, sum, len(rows), len(all), err)
	}
}

func lines(t *testing.T, b *bank.Bank, db *readmodel.Database, n account.Number) {
	t.Helper()
	var got []readmodel.Line
	for l, err := range db.Statement(t.Context(), n) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, l)
	}
	i := 0
	for l, err := range b.Statement(t.Context(), n) {
		if err != nil {
			t.Fatal(err)
		}
		if i >= len(got) || got[i].Revision != int64(l.Revision) || got[i].Type != l.Type || got[i].Amount != l.Amount || got[i].Balance != l.Balance {
			t.Fatalf("account %s, line %d: %+v is not in %+v", n, i, l, got)
		}
		i++
	}
	if i != len(got) {
		t.Errorf("account %s: %d lines too many", n, len(got)-i)
	}
}
