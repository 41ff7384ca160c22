package sqlinbox_test

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/inbox/sqlinbox"
)

func ExampleInbox_Handle() {
	ctx := context.Background()
	db, err := sql.Open("sqlite", "file:example?mode=memory&cache=shared")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	schema, err := sqlinbox.Schema(sqlinbox.SQLite, "") // in a program: a migration
	for _, s := range append(schema, `CREATE TABLE invoices (of TEXT)`) {
		if _, e := db.Exec(s); e != nil {
			err = e
		}
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	in, err := sqlinbox.New(db, sqlinbox.SQLite, "billing", sqlinbox.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	message := delivery("order-1-placed", "total 10")
	for range 3 { // a broker may deliver it as often as it likes
		err := in.Handle(ctx, message, func(ctx context.Context, tx *sql.Tx, d broker.Delivery) error {
			_, err := tx.ExecContext(ctx, `INSERT INTO invoices VALUES (?)`, d.Event.ID())
			return err
		})
		fmt.Println(err)
	}
	var n int
	err = db.QueryRow(`SELECT count(*) FROM invoices`).Scan(&n)
	fmt.Println(n, "invoice", err)
	// Output:
	// <nil>
	// <nil>
	// <nil>
	// 1 invoice <nil>
}
