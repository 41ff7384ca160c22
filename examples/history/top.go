package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	_ "modernc.org/sqlite"
)

// perMonth finds the three files of each month that were changed most, of the
// twelve months that come last.
const perMonth = `
	SELECT month, file, changes, added, deleted FROM (
		SELECT *, row_number() OVER (PARTITION BY month ORDER BY changes DESC, added + deleted DESC, file) AS place
		FROM file_month
		WHERE month IN (SELECT DISTINCT month FROM file_month ORDER BY month DESC LIMIT 12))
	WHERE place <= 3 ORDER BY month, place`

// top prints them.
func top(ctx context.Context, file string, out io.Writer) (err error) {
	if _, err := os.Stat(file); err != nil {
		return fmt.Errorf("%w; cairn project makes it", err)
	}
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, perMonth)
	if err != nil {
		return err
	}
	defer rows.Close()
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "MONTH\tCHANGES\tADDED\tDELETED\tFILE")
	for rows.Next() {
		var month, name string
		var changes, added, deleted int64
		if err := rows.Scan(&month, &name, &changes, &added, &deleted); err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\n", month, changes, added, deleted, name)
	}
	return errors.Join(rows.Err(), w.Flush())
}
