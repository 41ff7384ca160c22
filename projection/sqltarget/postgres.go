package sqltarget

import (
	"fmt"
	"strings"

	"github.com/cairndb/cairn/projection"
)

// The statements by which bookkeeping is kept in PostgreSQL. They are exported
// for those who speak to PostgreSQL by another client.
const (
	// PostgresMake makes the ledger. Several may do it at a time.
	PostgresMake = `DO $cairn$ BEGIN
	CREATE TABLE IF NOT EXISTS cairn_projection (id text COLLATE "C" PRIMARY KEY, value text NOT NULL);
EXCEPTION WHEN unique_violation OR duplicate_table OR duplicate_object THEN NULL;
END $cairn$`

	// PostgresEntries reads the entries from key $1 on and before key $2.
	PostgresEntries = `SELECT id, value FROM cairn_projection WHERE id >= $1 AND id < $2 AND value <> '' ORDER BY id`

	// PostgresHold puts an empty value where entry $1 is not, so that its absence
	// can be locked. It waits for those who are about to do the same. An empty
	// value is not an entry, and not committed unless the connection is misused.
	PostgresHold = `INSERT INTO cairn_projection (id, value) VALUES ($1, '') ON CONFLICT (id) DO NOTHING`

	// PostgresLock reads entry $1 and keeps others from changing it.
	PostgresLock = `SELECT value FROM cairn_projection WHERE id = $1 FOR UPDATE`

	// PostgresPut sets entry $1 to $2.
	PostgresPut = `INSERT INTO cairn_projection (id, value) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET value = EXCLUDED.value`

	// PostgresRemove removes entry $1.
	PostgresRemove = `DELETE FROM cairn_projection WHERE id = $1`
)

// postgresName is the longest name of a table in PostgreSQL, in bytes. It cuts
// longer ones off, so that those of two builds would be one.
const postgresName = 63

// PostgresPublish is the statement that makes each table's plain name a view of
// that table of a build. It takes no arguments and is to be run in the transaction
// of the change.
//
// A view whose columns are the same, or the same and more behind, is replaced, and
// keeps all that hangs on it. Otherwise it is made anew in the same transaction,
// with the privileges of the old one; that fails if another object depends on it.
//
// Readers wait while a view is replaced, and it is replaced when those before them
// are through. So it waits 100 ms only and then fails with SQLSTATE 55P03, to be
// tried again after a pause: a report that runs for minutes must not hold
// everybody up ([PostgresWaiting]).
func PostgresPublish(tables []string, to projection.Names) (string, error) {
	if err := checkTables(tables, to, postgresName); err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("DO $cairn$ DECLARE\n\tacl aclitem[]; kind \"char\"; g record;\nBEGIN\n\tPERFORM set_config('lock_timeout', '100ms', true);\n")
	for _, table := range tables {
		b.WriteString(strings.NewReplacer("{plain}", table, "{build}", to.Name(table)).Replace(postgresView))
	}
	b.WriteString("END $cairn$")
	return b.String(), nil
}

const postgresView = `
	SELECT c.relkind, c.relacl INTO kind, acl FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = current_schema() AND c.relname = '{plain}';
	IF kind <> 'v' THEN
		RAISE EXCEPTION 'the name {plain} is to become the view by which readers see the read model, and is taken by something else: rename that, or name the projection''s table otherwise'
			USING ERRCODE = 'wrong_object_type';
	END IF;
	BEGIN
		CREATE OR REPLACE VIEW "{plain}" AS SELECT * FROM "{build}";
	EXCEPTION WHEN invalid_table_definition THEN
		DROP VIEW "{plain}";
		CREATE VIEW "{plain}" AS SELECT * FROM "{build}";
		FOR g IN SELECT * FROM aclexplode(acl) LOOP
			EXECUTE format('GRANT %s ON "{plain}" TO %s%s', g.privilege_type,
				CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END,
				CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END);
		END LOOP;
	END;
`

// PostgresDiscard is the statement that removes the tables of a build. It takes no
// arguments and is to be run in the transaction of the change. It fails if readers
// see one of them, or something else depends on it.
func PostgresDiscard(tables []string, of projection.Names) (string, error) {
	if err := checkTables(tables, of, postgresName); err != nil {
		return "", err
	}
	if len(tables) == 0 {
		return "SELECT", nil
	}
	names := make([]string, len(tables))
	for i, table := range tables {
		names[i] = `"` + of.Name(table) + `"`
	}
	return fmt.Sprintf(`DO $cairn$ BEGIN
	PERFORM set_config('lock_timeout', '100ms', true);
	DROP TABLE IF EXISTS %s;
EXCEPTION WHEN dependent_objects_still_exist THEN
	RAISE EXCEPTION 'the tables of build %d are still in use, by readers or by an object that depends on them: %%', SQLERRM
		USING ERRCODE = 'dependent_objects_still_exist';
END $cairn$`, strings.Join(names, ", "), of.Build), nil
}
