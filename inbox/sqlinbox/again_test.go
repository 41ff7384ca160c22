package sqlinbox_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/inbox/sqlinbox"
)

// Two handlers wait for each other's rows. The database gives one of them up,
// and it is done again.
func TestDeadlock(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		if db.dialect == sqlinbox.SQLite {
			t.Skip("SQLite has one writer at a time")
		}
		db.exec(t, `INSERT INTO `+db.effects+` VALUES ('a', 0)`)
		db.exec(t, `INSERT INTO `+db.effects+` VALUES ('b', 0)`)
		in := db.open(t, sqlinbox.Options{})
		var met, all sync.WaitGroup
		met.Add(2)
		var calls atomic.Int64
		for _, order := range [][2]string{{"a", "b"}, {"b", "a"}} {
			arrive := sync.OnceFunc(met.Done)
			first := sync.OnceFunc(func() { arrive(); met.Wait() })
			all.Go(func() {
				defer arrive() // also when all goes wrong
				err := in.Handle(context.Background(), delivery(order[0], ""), func(ctx context.Context, tx *sql.Tx, _ broker.Delivery) error {
					calls.Add(1)
					if err := db.add(ctx, tx, order[0]); err != nil {
						return err
					}
					first()
					return db.add(ctx, tx, order[1])
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		equal(t, "sum", db.count(t, `SELECT sum(n) FROM `+db.effects), 4)
		if calls.Load() < 3 {
			t.Errorf("%d calls, so there was no deadlock", calls.Load())
		}
	})
}

func (db *database) add(ctx context.Context, tx *sql.Tx, id string) error {
	_, err := tx.ExecContext(ctx, `UPDATE `+db.effects+` SET n = n + 1 WHERE id = '`+id+`'`)
	return err
}

// Handlers that read and then write lose no update where the database promises
// that they do not: it refuses one, and that is done again.
func TestSerializable(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		db.exec(t, `INSERT INTO `+db.effects+` VALUES ('sum', 0)`)
		in := db.open(t, sqlinbox.Options{Tx: &sql.TxOptions{Isolation: sql.LevelSerializable}, Attempts: 1000})
		const owners, messages = 4, 10
		var all sync.WaitGroup
		for range owners {
			all.Go(func() {
				for n := range messages {
					if err := in.Handle(context.Background(), delivery(fmt.Sprint(n), ""), db.readAndWrite); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		equal(t, "sum", db.count(t, `SELECT sum(n) FROM `+db.effects), messages)
	})
}

func (db *database) readAndWrite(ctx context.Context, tx *sql.Tx, _ broker.Delivery) error {
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT n FROM `+db.effects+` WHERE id = 'sum'`).Scan(&n); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, fmt.Sprintf(`UPDATE %s SET n = %d WHERE id = 'sum'`, db.effects, n+1))
	return err
}

// A SQLite that does not wait for another writer says so, and is asked again.
func TestBusy(t *testing.T) {
	db := prepare(t, database{dialect: sqlinbox.SQLite, driver: "sqlite"})
	hasty := *db
	hasty.source = db.source[:len(db.source)-len("?_pragma=busy_timeout(20000)&_pragma=journal_mode(WAL)")]
	connect(t, &hasty)
	defer hasty.Close()
	in := hasty.open(t, sqlinbox.Options{Attempts: 1000})
	const owners, messages = 8, 10
	var all sync.WaitGroup
	for range owners {
		all.Go(func() {
			for n := range messages {
				if err := in.Handle(context.Background(), delivery(fmt.Sprint(n), ""), hasty.effect); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	equal(t, "effects", db.all(t), fmt.Sprintf("%d effects of %[1]d messages", messages))
}
