package declared

import (
	"strconv"
	"strings"
	"time"
)

// A Dialect is the SQL of one kind of database.
type Dialect struct {
	name      string
	quote     string
	numbered  bool // parameters are $1, $2, … and not ?
	types     map[string]string
	keyText   string // a text that is part of a key
	duplicate bool   // ON DUPLICATE KEY UPDATE, not ON CONFLICT
	textTime  bool   // times are texts
	makes     string // makes a table: in MySQL one that a crash may have left behind
}

// The dialects. Text is compared byte by byte in all of them.
var (
	Postgres = &Dialect{name: "postgres", quote: `"`, numbered: true, makes: "CREATE TABLE", keyText: "text", types: map[string]string{
		"text": "text", "integer": "bigint", "number": "double precision", "boolean": "boolean", "time": "timestamptz", "json": "jsonb",
	}}
	// MySQL is also MariaDB. A text in a key has 255 characters at most there.
	MySQL = &Dialect{name: "mysql", quote: "`", duplicate: true, makes: "CREATE TABLE IF NOT EXISTS", keyText: "varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", types: map[string]string{
		"text": "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "integer": "bigint", "number": "double", "boolean": "boolean", "time": "datetime(6)", "json": "json",
	}}
	// SQLite keeps times as texts of a fixed width, in UTC, that sort as the times
	// do, and its own date functions understand.
	SQLite = &Dialect{name: "sqlite", quote: `"`, textTime: true, makes: "CREATE TABLE", keyText: "TEXT", types: map[string]string{
		"text": "TEXT", "integer": "INTEGER", "number": "REAL", "boolean": "BOOLEAN", "time": "TEXT", "json": "TEXT",
	}}
)

// String returns "postgres", "mysql" or "sqlite".
func (d *Dialect) String() string { return d.name }

// id quotes a name. Names have no quotes in them: Parse sees to that.
func (d *Dialect) id(name string) string { return d.quote + name + d.quote }

func (d *Dialect) ids(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = d.id(name)
	}
	return strings.Join(quoted, ", ")
}

// parameter is the n-th parameter, counted from 1.
func (d *Dialect) parameter(n int) string {
	if d.numbered {
		return "$" + strconv.Itoa(n)
	}
	return "?"
}

// timeFormat has a fixed width, so that texts sort as times.
const timeFormat = "2006-01-02 15:04:05.000000Z"

// time is a time as a parameter.
func (d *Dialect) time(t time.Time) any {
	t = t.UTC().Truncate(time.Microsecond)
	if d.textTime {
		return t.Format(timeFormat)
	}
	return t
}
