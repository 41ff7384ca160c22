package sqltarget_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/sqltarget"
)

// How many events there are of each type, in SQLite.
func Example() {
	ctx, cancel := context.WithCancel(context.Background())
	store, err := disk.OpenMemory(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	_, err = store.Append(ctx, "order-1", cairn.NoStream, cairn.Event{Type: "placed"}, cairn.Event{Type: "packed"}, cairn.Event{Type: "packed"})
	if err != nil {
		log.Fatal(err)
	}

	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "types.db")+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	types := projection.Projection[*sql.Tx]{
		Name:   "types",
		Tables: []string{"type"},
		Setup: func(ctx context.Context, tx *sql.Tx, n projection.Names) error {
			_, err := tx.ExecContext(ctx, `CREATE TABLE `+n.Name("type")+` (name text PRIMARY KEY, n int NOT NULL)`)
			return err
		},
		Handler: projection.OnEvent(func(ctx context.Context, tx *sql.Tx, e *projection.Event) error {
			_, err := tx.ExecContext(ctx, `INSERT INTO `+e.Name("type")+` (name, n) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET n = n + 1`, e.Type)
			return err
		}),
	}
	err = projection.Run(ctx, store, sqltarget.SQLite(db), types, &projection.Options{
		OnApplied: func(at cairn.Position, _ int, _ time.Duration) {
			if at == 3 {
				cancel()
			}
		},
	})
	fmt.Println(err)

	var packed int
	if err := db.QueryRow(`SELECT n FROM type WHERE name = 'packed'`).Scan(&packed); err != nil {
		log.Fatal(err)
	}
	fmt.Println(packed, "packed")
	// Output:
	// context canceled
	// 2 packed
}
