// Command readmodel shows a read model: a table that is folded from the log, that a
// program can wait for, and that is changed while it is read.
//
//	go run ./examples/readmodel
//	go run ./examples/readmodel --postgres 'postgres://localhost/test'
//
// Without an address the read model is in an SQLite file; in PostgreSQL it is in a
// schema of its own. Both are removed in the end. The store is in memory. The guides
// docs/projections.md and docs/changing-a-read-model.md tell the story; their code
// is that of this file.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/sqltarget"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	postgres := flag.String("postgres", "", "URL of a PostgreSQL database; without one the read model is in an SQLite file")
	flag.Parse()
	if err := run(ctx, *postgres, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "readmodel:", err)
		os.Exit(1)
	}
}

// An Event is what happens to an order.
type Event interface{ order() }

// Placed and Returned are the events.
type (
	Placed struct {
		Customer string
		Cents    int64
	}
	Returned struct {
		Customer string
		Cents    int64
	}
)

func (Placed) order()   {}
func (Returned) order() {}

var orders = codec.JSON(codec.Types[Event]{
	"order.placed":   Placed{},
	"order.returned": Returned{},
})

// spent is how much each customer has spent.
var spent = projection.Projection[*sql.Tx]{
	Name:   "spent",
	Tables: []string{"spent"},
	Setup: func(ctx context.Context, tx *sql.Tx, n projection.Names) error {
		_, err := tx.ExecContext(ctx, `CREATE TABLE `+n.Name("spent")+` (customer TEXT PRIMARY KEY, cents BIGINT NOT NULL)`)
		return err
	},
	Handler: projection.On(orders, func(ctx context.Context, tx *sql.Tx, e Event, at *projection.Event) error {
		add := `INSERT INTO ` + at.Name("spent") + ` AS s (customer, cents) VALUES ($1, $2)
			ON CONFLICT (customer) DO UPDATE SET cents = s.cents + excluded.cents`
		var err error
		switch e := e.(type) {
		case Placed:
			_, err = tx.ExecContext(ctx, add, e.Customer, e.Cents)
		case Returned:
			_, err = tx.ExecContext(ctx, add, e.Customer, -e.Cents)
		}
		return err
	}),
}

// spentAndOrders is the second version: it also counts the orders.
var spentAndOrders = projection.Projection[*sql.Tx]{
	Name:    "spent",
	Version: 2,
	Tables:  []string{"spent"},
	Setup: func(ctx context.Context, tx *sql.Tx, n projection.Names) error {
		_, err := tx.ExecContext(ctx, `CREATE TABLE `+n.Name("spent")+` (customer TEXT PRIMARY KEY, cents BIGINT NOT NULL, orders BIGINT NOT NULL)`)
		return err
	},
	Handler: projection.On(orders, func(ctx context.Context, tx *sql.Tx, e Event, at *projection.Event) error {
		add := `INSERT INTO ` + at.Name("spent") + ` AS s (customer, cents, orders) VALUES ($1, $2, $3)
			ON CONFLICT (customer) DO UPDATE SET cents = s.cents + excluded.cents, orders = s.orders + excluded.orders`
		var err error
		switch e := e.(type) {
		case Placed:
			_, err = tx.ExecContext(ctx, add, e.Customer, e.Cents, 1)
		case Returned:
			_, err = tx.ExecContext(ctx, add, e.Customer, -e.Cents, 0)
		}
		return err
	}),
}

// A shop takes orders and shows what customers have spent.
type shop struct {
	store  cairn.Store
	db     *sql.DB
	target *sqltarget.Target
	out    io.Writer
}

func run(ctx context.Context, postgres string, out io.Writer) error {
	store, err := disk.OpenMemory(nil)
	if err != nil {
		return err
	}
	defer store.Close()
	s := &shop{store: store, out: out}
	open := s.openSQLite
	if postgres != "" {
		open = func() (func() error, error) { return s.openPostgres(ctx, postgres) }
	}
	remove, err := open()
	if err != nil {
		return err
	}
	return errors.Join(s.story(ctx), remove())
}

// openSQLite makes a database in a folder that is removed in the end.
func (s *shop) openSQLite() (remove func() error, err error) {
	dir, err := os.MkdirTemp("", "readmodel-")
	if err != nil {
		return nil, err
	}
	file := filepath.ToSlash(filepath.Join(dir, "shop.db"))
	if s.db, err = sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)"); err != nil {
		return nil, err
	}
	s.target = sqltarget.SQLite(s.db)
	return func() error { return errors.Join(s.db.Close(), os.RemoveAll(dir)) }, nil
}

// openPostgres makes a schema that is removed in the end.
func (s *shop) openPostgres(ctx context.Context, address string) (remove func() error, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	schema := fmt.Sprintf("readmodel_%x", rand.Uint64())
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	if s.db, err = sql.Open("pgx", u.String()); err != nil {
		return nil, err
	}
	s.target = sqltarget.Postgres(s.db)
	_, err = s.db.ExecContext(ctx, `CREATE SCHEMA `+schema)
	return func() error {
		_, err := s.db.Exec(`DROP SCHEMA ` + schema + ` CASCADE`)
		return errors.Join(err, s.db.Close())
	}, err
}

func (s *shop) story(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var programs sync.WaitGroup
	defer programs.Wait()
	defer cancel(nil)
	start := func(what func(context.Context) error) {
		programs.Go(func() { cancel(what(ctx)) })
	}

	start(s.firstProgram)
	if err := s.takeOrders(ctx); err != nil {
		return because(ctx, err)
	}
	if err := s.rehearse(ctx); err != nil {
		return because(ctx, err)
	}
	start(s.secondProgram)
	return because(ctx, s.change(ctx))
}

// because is why the context has ended, where that is the error.
func because(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// firstProgram keeps the table up to date.
func (s *shop) firstProgram(ctx context.Context) error {
	return projection.Run(ctx, s.store, s.target, spent, nil)
}

// secondProgram brings the second version to readers, and keeps both up to date.
func (s *shop) secondProgram(ctx context.Context) error {
	return projection.Deploy(ctx, s.store, s.target, spentAndOrders, nil, spent)
}

// append records an event and returns its position.
func (s *shop) append(ctx context.Context, order string, e Event) (cairn.Position, error) {
	event, err := orders.Encode(e)
	if err != nil {
		return 0, err
	}
	r, err := s.store.Append(ctx, order, cairn.Any, event)
	return r.Position, err
}

func (s *shop) takeOrders(ctx context.Context) error {
	for n := range 1000 {
		if _, err := s.append(ctx, fmt.Sprint("order-", n), Placed{Customer: "ann", Cents: 100}); err != nil {
			return err
		}
	}
	if _, err := s.append(ctx, "order-0", Returned{Customer: "ann", Cents: 100}); err != nil {
		return err
	}
	token, err := s.append(ctx, "order-1000", Placed{Customer: "bob", Cents: 4250})
	if err != nil {
		return err
	}
	return s.show(ctx, token)
}

// show waits for what was written at a position, and prints what readers see.
func (s *shop) show(ctx context.Context, token cairn.Position) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := projection.Wait(ctx, s.store, s.target, "spent", token); err != nil {
		return err
	}
	for _, customer := range []string{"ann", "bob"} {
		var cents int64
		if err := s.db.QueryRowContext(ctx, `SELECT cents FROM spent WHERE customer = $1`, customer).Scan(&cents); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "%s has spent %d\n", customer, cents)
	}
	return nil
}

// rehearse finds out what would break, before it does.
func (s *shop) rehearse(ctx context.Context) error {
	report, err := projection.Check(ctx, s.store, projection.CheckOptions{},
		projection.Decodes("orders", orders, cairn.ByCategory("order")),
		projection.Projects(s.target, spentAndOrders))
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "checked %d events of %d types and shapes\n", report.Read, len(report.Findings)/2)
	return report.Err()
}

// change watches how the second version takes the first one's place, and back.
func (s *shop) change(ctx context.Context) error {
	if err := s.shows(ctx, 2); err != nil {
		return err
	}
	token, err := s.append(ctx, "order-1001", Placed{Customer: "bob", Cents: 50})
	if err != nil {
		return err
	}
	if err := s.show(ctx, token); err != nil {
		return err
	}
	var n int64
	if err := s.db.QueryRowContext(ctx, `SELECT orders FROM spent WHERE customer = 'ann'`).Scan(&n); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "ann has placed %d orders\n", n)
	if err := s.audit(ctx); err != nil {
		return err
	}
	return s.back(ctx, token)
}

// shows waits until readers see a version.
func (s *shop) shows(ctx context.Context, version int) error {
	for {
		status, err := projection.StatusOf(ctx, s.store, s.target, "spent")
		if err != nil {
			return err
		}
		for _, b := range status.Builds {
			if b.Build == status.Active && b.Version == version {
				fmt.Fprintf(s.out, "readers see version %d\n", version)
				return nil
			}
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (s *shop) audit(ctx context.Context) error {
	report, err := projection.Audit(ctx, s.store, s.target, "spent", projection.AuditOptions{})
	if err != nil {
		return err
	}
	for _, lane := range report.Lanes {
		fmt.Fprintf(s.out, "build %d has applied %d events: %s\n", report.Build, lane.Applied.Count, lane.Verdict)
	}
	return nil
}

// back shows readers the first version again.
func (s *shop) back(ctx context.Context, token cairn.Position) error {
	if err := projection.Rollback(ctx, s.store, s.target, "spent", nil); err != nil {
		return err
	}
	if err := s.shows(ctx, 1); err != nil {
		return err
	}
	return s.show(ctx, token)
}
