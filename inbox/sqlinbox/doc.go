// Package sqlinbox handles what arrives once, in the transaction of an SQL
// database: the same as package inbox for services that keep their state there.
//
//	in, err := sqlinbox.New(db, sqlinbox.PostgreSQL, "billing", sqlinbox.Options{})
//	...
//	err = subscriber.Subscribe(ctx, in.Handler(
//		func(ctx context.Context, tx *sql.Tx, d broker.Delivery) error {
//			_, err := tx.ExecContext(ctx, `INSERT INTO invoices (customer) VALUES ($1)`, d.Event.Subject())
//			return err
//		}))
//
// # How
//
// The first statement of the transaction inserts the mark. Its primary key is the
// inbox and a sum of source and ID, so of two owners with the same message the
// second one waits in that statement until the first has committed, and then
// inserts nothing and handles nothing, or until the first was rolled back, and
// then handles the message itself. Nothing is read first, so there is no moment
// between reading and writing.
//
// What the database gives up for the sake of others, a deadlock or a
// serialization failure, is tried again from the beginning, with the handler.
//
// # The table
//
// [Schema] has the statements that create it. It is part of the application's
// database and its migrations; nothing here creates it behind anybody's back.
// Several inboxes share a table. Rows older than Options.Keep go in small batches,
// by the database's clock, when [Inbox.Sweep] is called or while [Inbox.Run] runs.
package sqlinbox
