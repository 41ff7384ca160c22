package declared_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/cairndb/cairn/projection/declared"
)

// head begins a file whose rules follow.
const head = `projection: p
tables:
  t:
    columns: {a: text, b: integer, n: integer, s: text, j: json, d: number}
    key: [a, b]
on:
`

// TestMistakes: each is found, at its line, and says what was expected.
func TestMistakes(t *testing.T) {
	for what, c := range map[string]struct{ file, want string }{
		"empty":                 {"", "f.yaml:1:1: the file is empty"},
		"not YAML":              {"a: [\n", "this is not YAML"},
		"a tab":                 {"projection: p\n\ttables: x\n", "f.yaml:2:1: this is not YAML"},
		"a list":                {"- a\n", "f.yaml:1:1: the projection must be a mapping"},
		"nothing in it":         {"{}", `needs "projection"`},
		"an unknown member":     {"projection: p\nnames: x\n", `f.yaml:2:1: the projection has no "names"; expected one of description, failures, key, lanes, on, projection, tables, version`},
		"a member twice":        {"projection: p\nprojection: q\n", `f.yaml:2:1: the projection has "projection" twice`},
		"a bad name":            {"projection: P q\n", "f.yaml:1:13: projection must begin with a letter"},
		"a long name":           {"projection: " + strings.Repeat("x", 49), "48 at most"},
		"a name that is a list": {"projection: [a]\n", "projection must be a text, not a list"},
		"version zero":          {"projection: p\nversion: 0\n", `f.yaml:2:10: version must be a whole number from 1 to 1000000, not "0"`},
		"version of text":       {"version: new\n", `not "new"`},
		"lanes":                 {"lanes: 65\n", "from 1 to 64"},
		"failures":              {"failures: ignore\n", `failures must be stop, park or skip, not "ignore"`},
		"key":                   {"key: event.\n", "key is not an expression"},
		"no tables":             {"tables: {}\n", "at least one table"},
		"a table's name":        {"tables: {'1; drop': {}}\n", "a table's name must begin"},
		"no columns":            {"tables: {t: {key: [a]}}\n", `table t needs "columns"`},
		"no key":                {"tables: {t: {columns: {a: text}}}\n", `table t needs "key"`},
		"a column's type":       {"tables: {t: {columns: {a: string}, key: [a]}}\n", `column a cannot be "string"; expected one of boolean, integer, json, number, text, time`},
		"a key of no column":    {"tables: {t: {columns: {a: text}, key: [b]}}\n", `key names "b", which is no column of t`},
		"a key of json":         {"tables: {t: {columns: {a: json}, key: [a]}}\n", "cannot be part of the key, as it is json"},
		"a key twice":           {"tables: {t: {columns: {a: text}, key: [a, a]}}\n", `names "a" twice`},
		"rules of no list":      {head + "  x: y\n", "on must be a list"},
		"no rules":              {head + "  []\n", "on must be a list"},
		"a rule of text":        {head + "  - x\n", "f.yaml:7:5: the rule must be a mapping"},
		"no events":             {head + "  - upsert: t\n", `the rule needs "events"`},
		"events of nothing":     {head + "  - {events: [], upsert: t, key: {a: a, b: 1}}\n", "events must not be empty"},
		"events of the system":  {head + "  - {events: [$x], upsert: t}\n", "cannot be projected"},
		"no action":             {head + "  - events: x\n", "one of upsert, insert and delete; it has 0"},
		"two actions":           {head + "  - {events: x, upsert: t, delete: t}\n", "it has 2"},
		"an unknown table":      {head + "  - {events: x, upsert: u}\n", `there is no table "u"; expected one of t`},
		"an unknown column":     {head + "  - {events: x, upsert: t, key: {a: \"'a'\", b: 1}, set: {z: 1}}\n", `table t has no column "z"`},
		"half a key":            {head + "  - {events: x, upsert: t, key: {b: 1}}\n", "missing: a"},
		"too much of a key":     {head + "  - {events: x, upsert: t, key: {a: \"'a'\", b: 1, n: 1}}\n", "not in the key of t (a, b)"},
		"a key that changes":    {head + "  - {events: x, upsert: t, key: {a: \"'a'\", b: 1}, set: {a: \"'b'\"}}\n", "column a is part of the key"},
		"set and add":           {head + "  - {events: x, upsert: t, key: {a: \"'a'\", b: 1}, set: {n: 1}, add: {n: 1}}\n", "in set and in add"},
		"add to text":           {head + "  - {events: x, upsert: t, key: {a: \"'a'\", b: 1}, add: {s: 1}}\n", "nothing can be added to column s, as it is text"},
		"upsert values":         {head + "  - {events: x, upsert: t, key: {a: \"'a'\", b: 1}, values: {n: 1}}\n", "upsert has no values"},
		"insert set":            {head + "  - {events: x, insert: t, set: {n: 1}}\n", "insert has no set"},
		"insert without key":    {head + "  - {events: x, insert: t, values: {n: 1}}\n", "missing: a, b"},
		"delete all":            {head + "  - {events: x, delete: t}\n", "delete needs key"},
		"delete by column":      {head + "  - {events: x, delete: t, key: {n: 1}}\n", "not in the key of t"},
		"delete set":            {head + "  - {events: x, delete: t, key: {a: \"'a'\"}, set: {n: 1}}\n", "delete has no set"},
		"an expression":         {head + "  - {events: x, delete: t, key: {a: pending}}\n", `undeclared reference to 'pending'`},
		"a hint":                {head + "  - {events: x, delete: t, key: {a: pending}}\n", `"'pending'"`},
		"a long expression":     {head + "  - {events: x, delete: t, key: {a: \"" + strings.Repeat("1+", 2048) + "1\"}}\n", "the limit is 4096"},
		"a huge number":         {head + "  - {events: x, delete: t, key: {b: 99999999999999999999}}\n", ""},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := declared.Parse("f.yaml", []byte(c.file))
			if c.want == "" {
				return // it must not panic
			}
			if !errors.Is(err, declared.ErrInvalid) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// TestAllMistakes: one run names them all.
func TestAllMistakes(t *testing.T) {
	_, err := declared.Parse("f.yaml", []byte("projection: P\nversion: x\nlanes: 0\ntables: {}\non: []\n"))
	if n := strings.Count(err.Error(), "f.yaml:"); n != 5 {
		t.Errorf("%d mistakes in:\n%v", n, err)
	}
}

func TestParse(t *testing.T) {
	data, err := os.ReadFile("testdata/orders.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := declared.Parse("orders.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	if d.Name != "orders" || d.Version != 3 || d.Lanes != 2 || d.Failures.String() != "park" {
		t.Errorf("got %+v", d)
	}
	if got := strings.Join(d.Types(), " "); got != "order.cancelled order.noted order.paid order.placed order.shipped" {
		t.Errorf("types %s", got)
	}
	p := d.Projection(declared.Postgres)
	if p.Key == nil || p.Setup == nil || strings.Join(p.Tables, " ") != "customer_order note" {
		t.Errorf("got %+v", p)
	}
}

func FuzzParse(f *testing.F) {
	data, err := os.ReadFile("testdata/orders.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	f.Add(head + "  - {events: x, upsert: t, key: {a: \"'a'\", b: 1}, add: {n: 1}}\n")
	f.Add("a: &a [*a]\n")
	f.Add("<<: {projection: p}\n")
	f.Fuzz(func(t *testing.T, file string) {
		d, err := declared.Parse("f", []byte(file))
		if err == nil && (d.Name == "" || len(d.Tables) == 0 || len(d.Types()) == 0) {
			t.Errorf("accepted as %+v", d)
		}
		if err != nil && !errors.Is(err, declared.ErrInvalid) {
			t.Errorf("unknown error %v", err)
		}
	})
}
