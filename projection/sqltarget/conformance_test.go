package sqltarget_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/cairndb/cairn/projection/targettest"
)

func TestConformance(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			targettest.Run(t, func(t testing.TB) targettest.Subject[*sql.Tx] { return k.database(t).subject(t) })
		})
	}
}

func (db *database) subject(t testing.TB) targettest.Subject[*sql.Tx] {
	reader := db.pool(t)
	s := targettest.Subject[*sql.Tx]{
		Target: db.target,
		Second: db.open(db.pool(t)),
		Make:   db.make,
		Put:    db.put,
		Add:    db.add,
		Delete: func(ctx context.Context, tx *sql.Tx, r targettest.Row) error {
			_, err := tx.ExecContext(ctx, db.sql(`DELETE FROM "`+r.Table+`" WHERE k = $1`), r.Key)
			return err
		},
		Rows: func(ctx context.Context, tables ...string) ([]map[string]int64, error) {
			return db.rows(ctx, reader, tables)
		},
		Faults: targettest.Faults[*sql.Tx]{
			Violate: db.violate,
			Missing: func(ctx context.Context, tx *sql.Tx, table string) error {
				_, err := tx.ExecContext(ctx, db.sql(`DELETE FROM "`+table+`"`))
				return err
			},
			Clash: db.clash, Cut: db.cut(), Down: db.down(), Locked: db.locked(),
		},
	}
	switch db.driver {
	case "pgx":
		s.Lacks = []targettest.Feature{targettest.NUL}
	case "mysql":
		s.Lacks = []targettest.Feature{targettest.OneStep}
	case "sqlite":
		s.Lacks = []targettest.Feature{targettest.SideBySide}
	}
	return s
}

func (db *database) make(ctx context.Context, tx *sql.Tx, table string) error {
	_, err := tx.ExecContext(ctx, db.sql(`CREATE TABLE "`+table+`" (k text NOT NULL, n bigint NOT NULL, PRIMARY KEY (k))`))
	return err
}

func (db *database) put(ctx context.Context, tx *sql.Tx, r targettest.Row) error {
	return db.upsert(ctx, tx, r, "%s")
}

func (db *database) add(ctx context.Context, tx *sql.Tx, r targettest.Row) error {
	return db.upsert(ctx, tx, r, `"`+r.Table+`".n + %s`)
}

// upsert sets n to something made of the new value.
func (db *database) upsert(ctx context.Context, tx *sql.Tx, r targettest.Row, n string) error {
	conflict := ` ON CONFLICT (k) DO UPDATE SET n = ` + fmt.Sprintf(n, "excluded.n")
	if db.driver == "mysql" {
		conflict = ` ON DUPLICATE KEY UPDATE n = ` + fmt.Sprintf(n, "VALUES(n)")
	}
	_, err := tx.ExecContext(ctx, db.sql(`INSERT INTO "`+r.Table+`" (k, n) VALUES ($1, $2)`+conflict), r.Key, r.N)
	return err
}

// rows reads tables by one statement.
func (db *database) rows(ctx context.Context, reader *sql.DB, tables []string) ([]map[string]int64, error) {
	all := make([]map[string]int64, len(tables))
	parts := make([]string, len(tables))
	for i, table := range tables {
		all[i], parts[i] = map[string]int64{}, fmt.Sprintf(`SELECT %d, k, n FROM "%s"`, i, table)
	}
	rows, err := reader.QueryContext(ctx, db.sql(strings.Join(parts, " UNION ALL ")))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var i int
		var k string
		var n int64
		if err := rows.Scan(&i, &k, &n); err != nil {
			return nil, err
		}
		all[i][k] = n
	}
	return all, rows.Err()
}

func (db *database) violate(ctx context.Context, tx *sql.Tx, table string) error {
	for range 2 {
		if _, err := tx.ExecContext(ctx, db.sql(`INSERT INTO "`+table+`" (k, n) VALUES ($1, $2)`), "twice", 1); err != nil {
			return err
		}
	}
	return nil
}
