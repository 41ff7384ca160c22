package sqltarget

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/cairndb/cairn/projection"
)

// The new view is made beside the one that readers see, and changes places with
// it. No build's table has such a name.
const (
	mySQLNew = "_bnew"
	mySQLOld = "_bold"
)

// mySQLPublish may be cut short anywhere and done again: it removes what it finds
// beside the views, and moves away only those that are there.
func mySQLPublish(ctx context.Context, on statements, tables []string, to projection.Names) error {
	if err := checkTables(tables, to, mySQLName-len(mySQLNew)); err != nil || len(tables) == 0 {
		return err
	}
	var moves []string
	for _, table := range tables {
		there, err := mySQLView(ctx, on, table)
		if err != nil {
			return err
		}
		if err := mySQLPrepare(ctx, on, table, to); err != nil {
			return err
		}
		if there {
			moves = append(moves, "`"+table+"` TO `"+table+mySQLOld+"`")
		}
		moves = append(moves, "`"+table+mySQLNew+"` TO `"+table+"`")
	}
	if err := mySQLMove(ctx, on, "RENAME TABLE "+strings.Join(moves, ", ")); err != nil {
		return err
	}
	return mySQLDrop(ctx, on, "VIEW", tables, mySQLOld)
}

// mySQLMove moves all views at once. It must not wait for one while it has another:
// a statement that reads both would be made to begin again, and MariaDB then takes
// one view as it was before and one as it is after. So it takes a moment in which
// nobody reads, and only if there is none in two seconds does it wait.
func mySQLMove(ctx context.Context, on statements, query string) error {
	const patience, between = 2 * time.Second, 2 * time.Millisecond
	if _, err := on.ExecContext(ctx, "SET lock_wait_timeout = 0"); err != nil { // MySQL makes it 1
		return err
	}
	for began := time.Now(); time.Since(began) < patience; {
		_, err := on.ExecContext(ctx, query)
		if err == nil || mySQLNumber(err) != mySQLWaited || !pause(ctx, between/2+rand.N(between)) {
			return err
		}
	}
	if _, err := on.ExecContext(ctx, "SET lock_wait_timeout = 1"); err != nil {
		return err
	}
	_, err := on.ExecContext(ctx, query)
	return err
}

// mySQLPrepare makes the new view, and room for the old one.
func mySQLPrepare(ctx context.Context, on statements, table string, to projection.Names) error {
	if err := mySQLDrop(ctx, on, "VIEW", []string{table}, mySQLOld); err != nil {
		return err
	}
	_, err := on.ExecContext(ctx, "CREATE OR REPLACE VIEW `"+table+mySQLNew+"` AS SELECT * FROM `"+to.Name(table)+"`")
	return err
}

// mySQLView reports whether there is a view. A table of that name is in the way.
func mySQLView(ctx context.Context, on statements, table string) (there bool, err error) {
	var views, others int
	err = on.QueryRowContext(ctx, "SELECT count(CASE WHEN table_type = 'VIEW' THEN 1 END), count(CASE WHEN table_type <> 'VIEW' THEN 1 END)"+
		" FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?", table).Scan(&views, &others)
	if err == nil && others > 0 {
		err = taken(table)
	}
	return views > 0, err
}

// mySQLDiscard refuses to remove tables that a published view shows, and removes
// what a publication that was cut short has left.
func mySQLDiscard(ctx context.Context, on statements, tables []string, of projection.Names) error {
	if err := checkTables(tables, of, mySQLName-len(mySQLNew)); err != nil || len(tables) == 0 {
		return err
	}
	for _, table := range tables {
		var shown int
		err := on.QueryRowContext(ctx, "SELECT count(*) FROM information_schema.views WHERE table_schema = DATABASE() AND table_name = ?"+
			" AND view_definition LIKE CONCAT('%`', REPLACE(?, '_', '\\_'), '`')", table, of.Name(table)).Scan(&shown)
		if err != nil {
			return err
		}
		if shown > 0 {
			return inUse(table, of)
		}
	}
	if err := mySQLDrop(ctx, on, "VIEW", tables, mySQLNew, mySQLOld); err != nil {
		return err
	}
	names := make([]string, len(tables))
	for i, table := range tables {
		names[i] = of.Name(table)
	}
	return mySQLDrop(ctx, on, "TABLE", names, "")
}

// mySQLDrop drops tables or views, with these endings of their names.
func mySQLDrop(ctx context.Context, on statements, kind string, tables []string, endings ...string) error {
	var names []string
	for _, ending := range endings {
		for _, table := range tables {
			names = append(names, "`"+table+ending+"`")
		}
	}
	_, err := on.ExecContext(ctx, "DROP "+kind+" IF EXISTS "+strings.Join(names, ", "))
	return err
}
