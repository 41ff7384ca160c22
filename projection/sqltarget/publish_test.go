package sqltarget_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// build makes the tables of a build, with the build's number in each.
func (db *database) build(t testing.TB, n int, columns string, tables ...string) {
	t.Helper()
	for _, table := range tables {
		name := projection.Names{Build: n}.Name(table)
		exec(t, db, db.sql(`CREATE TABLE "`+name+`" (`+columns+`)`))
		exec(t, db, db.sql(fmt.Sprintf(`INSERT INTO "%s" (n) VALUES (%d)`, name, n)))
	}
}

func (db *database) publish(t testing.TB, n int, tables ...string) {
	t.Helper()
	if err := db.target.Publish(t.Context(), put("shown", fmt.Sprint(n)), tables, projection.Names{Build: n}); err != nil {
		t.Fatal(err)
	}
}

func (db *database) shows(t testing.TB, table string, want int) {
	t.Helper()
	equal(t, "readers of "+table+" see", one[int](t, db.DB, db.sql(`SELECT n FROM "`+table+`"`)), want)
}

// Names are taken to the letter, whatever else they mean.
func TestNamesOfTables(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		tables := []string{"order", "a-b", "select", "9lives", "group_b", "x"}
		db.build(t, 1, "n int", tables...)
		db.build(t, 2, "n int", tables...)
		db.publish(t, 1, tables...)
		db.publish(t, 2, tables...)
		for _, table := range tables {
			db.shows(t, table, 2)
		}
		ok(t, db.target.Discard(t.Context(), projection.Change{}, tables, projection.Names{Build: 1}))
		ok(t, db.target.Discard(t.Context(), projection.Change{}, tables, projection.Names{Build: 1}))
		if err := db.target.Discard(t.Context(), put("shown", "none"), tables[1:], projection.Names{Build: 2}); err == nil || db.target.Fault(err) != projection.FaultSetup || !strings.Contains(err.Error(), "in use") {
			t.Errorf("what readers see was removed: %v", err)
		}
		db.holds(t, "shown", "2")
		for _, table := range tables {
			db.shows(t, table, 2)
		}
	})
}

func TestBadTables(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		bad := []string{"", `a"b`, "a`b", "a.b", "a b", "ä", "a;", "a'b", "$cairn$"}
		if db.driver != "sqlite" {
			bad = append(bad, strings.Repeat("x", 62))
		}
		for _, table := range bad {
			for _, do := range []func(context.Context, projection.Change, []string, projection.Names) error{db.target.Publish, db.target.Discard} {
				refused(t, do(t.Context(), put("a", "1"), []string{"good", table}, projection.Names{Build: 1}), "tables[1]")
			}
		}
		refused(t, db.target.Publish(t.Context(), put("a", "1"), []string{"plain"}, projection.Names{}), "build")
		for field, e := range map[string]projection.Entry{
			"change.put[0].key":   {Key: "A", Value: "1"},
			"change.put[0].value": {Key: "a", Value: strings.Repeat("x", 1+64<<10)},
		} {
			refused(t, db.target.Apply(t.Context(), projection.Change{Put: []projection.Entry{e}}), field)
		}
		refused(t, db.target.Apply(t.Context(), projection.Change{Expect: []projection.Entry{{Key: ""}}}), "change.expect[0].key")
		refused(t, db.target.Apply(t.Context(), projection.Change{Expect: []projection.Entry{{Key: "a", Value: "\xff"}}}), "change.expect[0].value")
		refused(t, db.target.Apply(t.Context(), put(strings.Repeat("a", 256), "")), "change.put[0].key")
	})
}

func refused(t *testing.T, err error, field string) {
	t.Helper()
	invalid, ok := errors.AsType[*cairn.InvalidError](err)
	if !ok || invalid.Field != field {
		t.Errorf("want %q refused, got %v", field, err)
	}
}

// The plain name of a table is somebody's own: nothing is changed, and the error
// says what to do.
func TestNameThatIsTaken(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		db.build(t, 1, "n int", "item", "other")
		exec(t, db, `CREATE TABLE other (n int)`)
		exec(t, db, `INSERT INTO other VALUES (7)`)
		err := db.target.Publish(t.Context(), put("a", "1"), []string{"item", "other"}, projection.Names{Build: 1})
		if err == nil || !strings.Contains(err.Error(), "rename that") || db.target.Fault(err) != projection.FaultSetup {
			t.Errorf("got %v", err)
		}
		db.holds(t, "a", "")
		db.shows(t, "other", 7)
		if db.QueryRow(`SELECT n FROM item`).Scan(new(int)) == nil {
			t.Error("one of two tables was published")
		}
	})
}

// A build without its tables is not shown.
func TestTableThatIsMissing(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		db.build(t, 1, "n int", "item")
		db.publish(t, 1, "item")
		err := db.target.Publish(t.Context(), put("shown", "2"), []string{"item"}, projection.Names{Build: 2})
		if err == nil || db.target.Fault(err) != projection.FaultSetup {
			t.Errorf("got %v", err)
		}
		db.holds(t, "shown", "1")
		db.shows(t, "item", 1)
	})
}

// Statements that were prepared before go on, over builds with other columns.
func TestPreparedStatements(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		columns := []string{"n int", "n int, more int", "other int, n int, more int", "n bigint"}
		var prepared *sql.Stmt
		for i, c := range columns {
			db.build(t, i+1, c, "item")
			db.publish(t, i+1, "item")
			if prepared == nil {
				var err error
				if prepared, err = db.pool(t).Prepare(`SELECT sum(n + 0.5) FROM item WHERE n > 0`); err != nil {
					t.Fatal(err)
				}
			}
			for range 3 {
				var n float64
				ok(t, prepared.QueryRow().Scan(&n))
				equal(t, "a prepared statement sees", n, float64(i+1)+0.5)
			}
		}
	})
}

// Who may read the view may read it after it was made anew, too.
func TestPrivilegesAreKept(t *testing.T) {
	db := onPostgres.database(t)
	role := fmt.Sprintf("reader_%08x", rand.Uint32())
	exec(t, db, `CREATE ROLE `+role)
	t.Cleanup(func() {
		server := db.pool(t)
		exec(t, server, `DROP OWNED BY `+role)
		exec(t, server, `DROP ROLE `+role)
	})
	db.build(t, 1, "n int", "item")
	db.publish(t, 1, "item")
	exec(t, db, `GRANT SELECT ON item TO `+role+` WITH GRANT OPTION`)
	exec(t, db, `GRANT SELECT ON item TO PUBLIC`)
	before := one[string](t, db.DB, `SELECT relacl::text FROM pg_class WHERE oid = 'item'::regclass`)
	for i, c := range []string{"n int, more int", "other text, n int"} {
		db.build(t, i+2, c, "item")
		db.publish(t, i+2, "item")
		equal(t, "privileges", one[string](t, db.DB, `SELECT relacl::text FROM pg_class WHERE oid = 'item'::regclass`), before)
	}
	// A view of somebody's own over it is in the way of other columns only.
	exec(t, db, `CREATE VIEW mine AS SELECT n FROM item`)
	db.publish(t, 3, "item")
	err := db.target.Publish(t.Context(), put("shown", "1"), []string{"item"}, projection.Names{Build: 1})
	equal(t, fmt.Sprint(err), db.target.Fault(err), projection.FaultSetup)
	db.shows(t, "mine", 3)
}

// A report that runs for long does not hold up the other readers, although the
// switch has to wait for it.
func TestReportThatRunsForLong(t *testing.T) {
	for _, k := range []kind{onPostgres, onMySQL} {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			db := k.database(t)
			db.build(t, 1, "n int", "item")
			db.build(t, 2, "n int, more int", "item")
			db.publish(t, 1, "item")
			report, err := db.pool(t).Begin()
			ok(t, err)
			defer report.Rollback()
			ok(t, report.QueryRow(`SELECT n FROM item`).Scan(new(int)))
			published := make(chan error, 1)
			go func() {
				published <- db.target.Publish(t.Context(), put("shown", "2"), []string{"item"}, projection.Names{Build: 2})
			}()
			readers := db.pool(t)
			for began := time.Now(); time.Since(began) < 500*time.Millisecond; {
				equal(t, "readers see", one[int](t, readers, `SELECT n FROM item`), 1)
			}
			ok(t, report.Rollback())
			if err := <-published; err != nil {
				t.Fatal(err)
			}
			db.shows(t, "item", 2)
		})
	}
}

// A publication in MySQL that was cut short anywhere is done again.
func TestMySQLCutShort(t *testing.T) {
	for name, left := range map[string][]string{
		"new view made":  {"CREATE VIEW item_bnew AS SELECT * FROM item_b1"},
		"old view there": {"CREATE VIEW item_bold AS SELECT * FROM item_b1"},
		"moved":          {"CREATE VIEW item_bnew AS SELECT * FROM item_b2", "RENAME TABLE item TO item_bold, item_bnew TO item"},
		"moved away":     {"RENAME TABLE item TO item_bold"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := onMySQL.database(t)
			db.build(t, 1, "n int", "item", "other")
			db.build(t, 2, "n int, more int", "item", "other")
			db.publish(t, 1, "item", "other")
			for _, s := range left {
				exec(t, db, s)
			}
			db.publish(t, 2, "item", "other")
			db.shows(t, "item", 2)
			db.shows(t, "other", 2)
			ok(t, db.target.Discard(t.Context(), put("shown", "2"), []string{"item", "other"}, projection.Names{Build: 1}))
			equal(t, "tables and views", one[string](t, db.DB, `SELECT group_concat(table_name ORDER BY table_name) FROM information_schema.tables WHERE table_schema = database()`),
				"cairn_projection,item,item_b2,other,other_b2")
		})
	}
}

func TestMySQLWantsTwoConnections(t *testing.T) {
	db := onMySQL.database(t)
	db.SetMaxOpenConns(1)
	refused(t, db.target.Publish(t.Context(), put("a", "1"), []string{"item"}, projection.Names{Build: 1}), "db.MaxOpenConns")
	ok(t, db.target.Apply(t.Context(), put("a", "1")))
}
