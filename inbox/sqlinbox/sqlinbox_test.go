package sqlinbox_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/inbox"
	"github.com/cairndb/cairn/inbox/sqlinbox"
)

func TestHandlesOnce(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		var c counting
		handle := db.open(t, sqlinbox.Options{Hooks: c.hooks()}).Handler(db.effect)
		for range 3 {
			for _, id := range []string{"1", "2"} {
				if err := handle(context.Background(), delivery(id, "")); err != nil {
					t.Fatal(err)
				}
			}
		}
		equal(t, "effects", db.all(t), "2 effects of 2 messages")
		equal(t, "hooks", c, counting{handled: 2, again: 4})
	})
}

// Names that collations take for equal are names of different inboxes, and IDs
// of different messages.
func TestNamesAreBytes(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		names := []string{"a", "A", "a ", "ä", strings.Repeat("ü", inbox.MaxInboxName/2)}
		for _, name := range names {
			in, err := sqlinbox.New(db.DB, db.dialect, name, sqlinbox.Options{Table: db.inbox})
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range []string{"x", "X", "x ", strings.Repeat("語", 60)} {
				err := in.Once(context.Background(), inbox.Arrival{ID: id}, func(ctx context.Context, tx *sql.Tx) error {
					return db.effect(ctx, tx, delivery("some", ""))
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		equal(t, "effects", db.count(t, `SELECT count(*) FROM `+db.effects), 4*len(names))
	})
}

func TestFailedHandlerMarksNothing(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		ctx, in, broke := context.Background(), db.open(t, sqlinbox.Options{}), errors.New("no ink")
		err := in.Handle(ctx, delivery("1", ""), func(ctx context.Context, tx *sql.Tx, d broker.Delivery) error {
			return errors.Join(db.effect(ctx, tx, d), broke)
		})
		if !errors.Is(err, broke) {
			t.Errorf("the handler's error came back as %v", err)
		}
		func() {
			defer func() { recover() }()
			in.Handle(ctx, delivery("1", ""), func(ctx context.Context, tx *sql.Tx, d broker.Delivery) error {
				db.effect(ctx, tx, d)
				panic("no paper")
			})
			t.Error("a panic was swallowed")
		}()
		equal(t, "effects and marks of failures", fmt.Sprint(db.all(t), ", ", db.count(t, `SELECT count(*) FROM `+db.inbox)), "0 effects of 0 messages, 0")
		if err := in.Handle(ctx, delivery("1", ""), db.effect); err != nil {
			t.Fatal(err)
		}
		equal(t, "effects", db.all(t), "1 effects of 1 messages")
	})
}

// A statement that fails in the transaction, and a context that ends in it.
func TestBrokenTransactions(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		in := db.open(t, sqlinbox.Options{})
		err := in.Handle(context.Background(), delivery("1", ""), func(ctx context.Context, tx *sql.Tx, d broker.Delivery) error {
			_, err := tx.ExecContext(ctx, `INSERT INTO no_such_table VALUES (1)`)
			return err
		})
		if err == nil {
			t.Error("a broken statement was handled")
		}
		ctx, cancel := context.WithCancel(context.Background())
		err = in.Handle(ctx, delivery("1", ""), func(ctx context.Context, tx *sql.Tx, d broker.Delivery) error {
			err := db.effect(ctx, tx, d)
			cancel()
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a context that ended: %v", err)
		}
		if err := in.Handle(context.Background(), delivery("1", ""), db.effect); err != nil {
			t.Fatal(err)
		}
		equal(t, "effects", db.all(t), "1 effects of 1 messages")
	})
}

func TestSameIDOtherContent(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		ctx := context.Background()
		var c counting
		in := db.open(t, sqlinbox.Options{Hooks: c.hooks()})
		if err := in.Handle(ctx, delivery("1", "ten"), db.effect); err != nil {
			t.Fatal(err)
		}
		err := in.Handle(ctx, delivery("1", "eleven"), db.effect)
		m, ok := errors.AsType[*inbox.MismatchError](err)
		if !ok || !errors.Is(err, broker.ErrRejected) || m.Handled != inbox.ArrivalOf(delivery("1", "ten")).Sum || time.Since(m.HandledTime).Abs() > time.Hour {
			t.Errorf("got %v", err)
		}
		lenient := db.open(t, sqlinbox.Options{Hooks: c.hooks(), Rules: inbox.Rules{IgnoreMismatch: true}})
		if err := lenient.Handle(ctx, delivery("1", "eleven"), db.effect); err != nil {
			t.Errorf("ignored: %v", err)
		}
		equal(t, "effects", db.all(t), "1 effects of 1 messages")
		equal(t, "hooks", c, counting{handled: 1, again: 1, different: 2})
	})
}

func TestLateArrivals(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		var c counting
		in := db.open(t, sqlinbox.Options{Hooks: c.hooks(), Rules: inbox.Rules{Keep: time.Hour, RefuseLate: true}})
		old := delivery("1", "")
		old.Event.SetTime(time.Now().Add(-2 * time.Hour))
		if err := in.Handle(context.Background(), old, db.effect); !errors.Is(err, inbox.ErrLate) {
			t.Errorf("got %v", err)
		}
		equal(t, "hooks", c, counting{late: 1})
	})
}

// Two owners, with connections of their own, get the same messages at the same
// time; handlers fail now and then, and do their work before they do.
func TestTwoOwners(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		workers, messages := 4, 50
		if testing.Short() {
			workers, messages = 2, 20
		}
		var all sync.WaitGroup
		for owner := range 2 {
			own := *db
			if owner > 0 {
				connect(t, &own)
				defer own.Close()
			}
			in := own.open(t, sqlinbox.Options{Attempts: 1000})
			for w := range workers {
				all.Go(func() {
					for n := range messages {
						id := fmt.Sprint((n*(1+2*w) + owner) % messages)
						own.handle(t, in, delivery(id, ""))
					}
				})
			}
		}
		all.Wait()
		equal(t, "effects", db.all(t), fmt.Sprintf("%d effects of %d messages", messages, messages))
	})
}

// handle is what a broker does: it delivers until it is told that all is well.
func (db *database) handle(t *testing.T, in *sqlinbox.Inbox, d broker.Delivery) {
	broke := errors.New("no ink")
	for {
		err := in.Handle(context.Background(), d, func(ctx context.Context, tx *sql.Tx, d broker.Delivery) error {
			err := db.effect(ctx, tx, d)
			if err == nil && rand.IntN(5) == 0 {
				err = broke
			}
			return err
		})
		if err == nil {
			return
		}
		if err != broke {
			t.Error(err)
			return
		}
	}
}

func TestBadInputIsRefusedByName(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		in := db.open(t, sqlinbox.Options{})
		refused(t, in.Handle(context.Background(), delivery(strings.Repeat("x", inbox.MaxName+1), ""), db.effect), "id")
		refused(t, in.Once(context.Background(), inbox.Arrival{ID: "a\x00"}, nil), "id and source")
		for _, table := range []string{"a b", "1a", "a;b", `a"b`, "a`b", "a.b.c", ".a", "ä", strings.Repeat("x", 51), "a--", "a'"} {
			_, err := sqlinbox.New(db.DB, db.dialect, "billing", sqlinbox.Options{Table: table})
			refused(t, err, "table")
			_, err = sqlinbox.Schema(db.dialect, table)
			refused(t, err, "table")
		}
		_, err := sqlinbox.New(db.DB, db.dialect, "", sqlinbox.Options{})
		refused(t, err, "inbox")
		_, err = sqlinbox.New(db.DB, 0, "billing", sqlinbox.Options{})
		refused(t, err, "dialect")
		_, err = sqlinbox.Schema(7, "")
		refused(t, err, "dialect")
		_, err = sqlinbox.New(db.DB, db.dialect, "billing", sqlinbox.Options{Rules: inbox.Rules{Keep: -1}})
		refused(t, err, "keep")
	})
}

func refused(t *testing.T, err error, field string) {
	t.Helper()
	invalid, ok := errors.AsType[*cairn.InvalidError](err)
	if !ok || invalid.Field != field {
		t.Errorf("want %q refused, got %v", field, err)
	}
}
