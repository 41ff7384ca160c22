// Package filetarget writes read models as files for analytics: Parquet, or NDJSON
// (one JSON document a line), which DuckDB, Spark, pandas and the like read as they
// are. Rows are only ever appended.
//
//	target, err := filetarget.Open("/var/lib/shop/files", nil)
//	…
//	defer target.Close()
//	payments := projection.Projection[*filetarget.Tx]{
//		Name:   "payments",
//		Tables: []string{"payment"},
//		Handler: projection.On(account.Events, func(_ context.Context, tx *filetarget.Tx, e account.Event, at *projection.Event) error {
//			return tx.Append(at.Name("payment"), Payment{Account: e.Account, Cents: e.Cents, Time: at.Time})
//		}),
//	}
//
// # What is in the directory
//
//	manifest.json             what readers go by: tables, files, how many rows each has
//	journal-00000007          rows and bookkeeping since then
//	payment_b2/00000006.parquet
//	lock                      held by the process that writes
//
// An update is one record of the journal, with a checksum, written and synced before
// Update returns. That is when it is durable. A rotation turns the rows of the
// journal into a file for each table, and then replaces the manifest, which lists
// the files and holds the bookkeeping as of them, and names an empty journal. Files
// are complete and synced before they get their name, and the manifest is replaced
// by renaming: a crash at any moment leaves the old one or the new one, and files
// that it does not list, which the next Open removes.
//
// # What readers see, and when
//
// Readers read the manifest ([Read], or any JSON parser) and then the files it lists
// for the table. They see the rows of all tables as of one and the same moment, in
// the order in which they were appended, and never a row twice. Files that the
// manifest does not list are not part of the table: patterns such as *.parquet may
// show rows twice. Rows that are only in the journal are not seen yet. That is for as
// long as [Options.Age] at most while a Target is open; [Target.Flush] and
// [Target.Close] rotate at once, and so does Open after a crash.
//
// A build becomes what readers see under its plain name by replacing the manifest,
// for all tables of the projection at once.
//
// # Many small files
//
// Live, a rotation finds few rows. It merges them with the newest files of the table
// for as long as those are not much larger, so that a table has a few files that
// grow by size, like the digits of a number, and each row is written again about as
// often as there are digits. A file that was merged into another one stays for
// [Options.Keep], for readers that have begun with it.
//
// # One process
//
// One process writes to a directory; the second one gets [ErrLocked]. Readers need no
// lock. It takes a file system on which flock, fsync and rename do what they say.
// Where an operation fails, the target reads everything again from the disk, writes
// it to new files and only then goes on, as a file whose sync has failed cannot be
// trusted.
package filetarget
