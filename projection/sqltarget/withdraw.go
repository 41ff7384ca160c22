package sqltarget

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cairndb/cairn/projection"
)

var _ projection.Withdrawer = (*Target)(nil)

// first stands for any build, where only the plain names are of interest.
var first = projection.Names{Build: 1}

// Withdraw removes the views that stand for the plain names of tables. Names that
// are not a view's are left alone.
func (t *Target) Withdraw(ctx context.Context, c projection.Change, tables []string) error {
	return t.switchover(ctx, c, func(on statements) error { return t.d.withdraw(ctx, on, tables, first) })
}

// PostgresWithdraw is the statement that removes the views of plain names. It takes
// no arguments and is to be run in the transaction of the change.
func PostgresWithdraw(tables []string) (string, error) {
	if err := checkTables(tables, first, postgresName); err != nil {
		return "", err
	}
	if len(tables) == 0 {
		return "SELECT", nil
	}
	return fmt.Sprintf(`DO $cairn$ DECLARE name text; BEGIN
	PERFORM set_config('lock_timeout', '100ms', true);
	FOREACH name IN ARRAY ARRAY['%s'] LOOP
		IF EXISTS (SELECT FROM pg_class WHERE oid = to_regclass(quote_ident(name)) AND relkind = 'v') THEN
			EXECUTE format('DROP VIEW %%I', name);
		END IF;
	END LOOP;
END $cairn$`, strings.Join(tables, "', '")), nil
}

// postgresWithdraw is PostgresWithdraw as the other dialects have it.
func postgresWithdraw(tables []string, _ projection.Names) (string, error) {
	return PostgresWithdraw(tables)
}

func sqliteWithdraw(ctx context.Context, on statements, tables []string, n projection.Names) error {
	const find = "SELECT count(*) FROM sqlite_master WHERE type = 'view' AND name = ? COLLATE NOCASE"
	if err := checkTables(tables, n, sqliteName); err != nil {
		return err
	}
	return dropViews(ctx, on, tables, find, `"`)
}

// mySQLWithdraw also removes what a publication that was cut short has left.
func mySQLWithdraw(ctx context.Context, on statements, tables []string, n projection.Names) error {
	const find = "SELECT count(*) FROM information_schema.views WHERE table_schema = DATABASE() AND table_name = ?"
	if err := checkTables(tables, n, mySQLName-len(mySQLNew)); err != nil || len(tables) == 0 {
		return err
	}
	return errors.Join(dropViews(ctx, on, tables, find, "`"), mySQLDrop(ctx, on, "VIEW", tables, mySQLNew, mySQLOld))
}

// dropViews drops the views among names.
func dropViews(ctx context.Context, on statements, names []string, find, quote string) error {
	for _, name := range names {
		var there int
		if err := on.QueryRowContext(ctx, find, name).Scan(&there); err != nil {
			return err
		}
		if there == 0 {
			continue
		}
		if _, err := on.ExecContext(ctx, "DROP VIEW "+quote+name+quote); err != nil {
			return err
		}
	}
	return nil
}
