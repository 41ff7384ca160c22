package declared_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/declared"
)

// A table is a definition whose tables are made, as one build of it.
type table struct {
	t     *testing.T
	db    *database
	p     projection.Projection[*sql.Tx]
	names projection.Names
}

// made makes the tables of a file, whose table names end in the text $X.
func made(t *testing.T, db *database, file string) *table {
	t.Helper()
	d, err := declared.Parse("f.yaml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	m := &table{t, db, d.Projection(db.dialect), projection.Names{Build: 1 + rand.IntN(1<<30)}}
	if err := m.in(func(tx *sql.Tx) error { return m.p.Setup(t.Context(), tx, m.names) }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, name := range m.p.Tables {
			if _, err := db.Exec("DROP TABLE " + m.names.Name(name)); err != nil {
				t.Error(err)
			}
		}
	})
	return m
}

// in runs a transaction.
func (m *table) in(fn func(tx *sql.Tx) error) error {
	tx, err := m.db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// apply applies events in one transaction.
func (m *table) apply(events ...*projection.Event) error {
	return m.in(func(tx *sql.Tx) error { return m.p.Handler.Apply(m.t.Context(), tx, events) })
}

// event makes an event of JSON.
func (m *table) event(at cairn.Position, kind, stream, data string) *projection.Event {
	return &projection.Event{Names: m.names, Recorded: cairn.Recorded{
		Event:  cairn.Event{ID: cairn.ID{byte(at)}, Type: kind, Data: []byte(data), Time: time.Date(2026, 1, 31, 10, 0, int(at), 123456789, time.UTC)},
		Stream: stream, Position: at, Revision: 7,
	}}
}

// rows are those of a table, each a line.
func (m *table) rows(name, columns, order string) []string {
	var lines []string
	for _, cells := range m.db.dump(m.t, "SELECT "+columns+" FROM "+m.names.Name(name)+" ORDER BY "+order) {
		lines = append(lines, strings.Join(cells, "|"))
	}
	return lines
}

func TestOrders(t *testing.T) {
	data, err := os.ReadFile("testdata/orders.yaml")
	if err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, db *database) {
		m := made(t, db, string(data))
		err := m.apply(
			m.event(1, "order.placed", "order-1", `{"customer":"ann","total":10}`),
			m.event(2, "order.placed", "order-2", `{"customer":"ann","total":2.5,"vip":true}`),
			m.event(3, "order.paid", "order-1", `{"customer":"ann"}`),
			m.event(4, "order.noted", "order-1", `{"customer":"ann","text":"fragile"}`),
			m.event(5, "order.noted", "order-1", `{"customer":"bob","text":"ring twice"}`),
			m.event(6, "order.noted", "order-1", `{"customer":"bob"}`))
		if err != nil {
			t.Fatal(err)
		}
		if err := m.apply(m.event(7, "order.placed", "order-3", `{"customer":"ann","total":1}`), m.event(8, "order.cancelled", "order-1", `{"customer":"ann"}`)); err != nil {
			t.Fatal(err)
		}
		want := []string{"ann|paid|1|0|2026-01-31 10:00:03.123456Z", "ann|placed|3|13.5|2026-01-31 10:00:07.123456Z"}
		if got := m.rows("customer_order", "customer, state, orders, spent, last", "1, 2"); !reflect.DeepEqual(got, want) {
			t.Errorf("got %q", got)
		}
		if got := m.rows("note", "customer, text", "1"); !reflect.DeepEqual(got, []string{"bob|ring twice"}) {
			t.Errorf("notes %q", got)
		}
		if got := m.rows("customer_order", "customer", "1 LIMIT 1"); len(got) != 1 {
			t.Errorf("got %q", got)
		}
	})
}

// TestFailures: an event whose expression fails is named, one whose statement does
// is left to the runner to find.
func TestFailures(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		name := unique("t")
		m := made(t, db, `
projection: p
tables: {`+name+`: {columns: {k: text, n: integer, at: time}, key: [k]}}
on:
  - {events: add, upsert: `+name+`, key: {k: event.data.k}, add: {n: event.data.n}}
  - {events: new, insert: `+name+`, values: {k: event.data.k, n: 1}}
  - {events: at, upsert: `+name+`, key: {k: "'x'"}, set: {at: event.data.at}}
  - {events: odd, where: event.data.n, delete: `+name+`, key: {k: "'x'"}}
`)
		for data, want := range map[string]string{
			`add {"k":"a"}`:                         "no such key: n",
			`add {"k":null,"n":1}`:                  "column k is part of the key and cannot be null",
			`add {"k":1,"n":1}`:                     "column k is text and cannot hold 1 (int64); string(x)",
			`add {"k":"a","n":1.5}`:                 "column n is integer and cannot hold 1.5 (float64); int(x)",
			`add {"k":"a","n":9223372036854775807}`: "does not fit in 64 bits",
			`add [`:                                 "the event's data is not JSON",
			`at {"at":"2026"}`:                      "column at is time and cannot hold 2026 (string); timestamp(x)",
			`odd {"n":1}`:                           "must be true or false, not 1",
		} {
			kind, data, _ := strings.Cut(data, " ")
			err := m.apply(m.event(1, "add", "s", `{"k":"a","n":1}`), m.event(2, kind, "s", data))
			failed, ok := errors.AsType[*projection.EventError](err)
			if !ok || failed.Position != 2 || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want position 2 and %s", data, err, want)
			}
		}
		if got := m.rows(name, "k", "1"); len(got) != 0 {
			t.Errorf("failed transactions have left %q", got)
		}
		if err := m.apply(m.event(1, "new", "s", `{"k":"a"}`), m.event(2, "new", "s", `{"k":"a"}`)); !strings.Contains(fmt.Sprint(err), "inserted before") {
			t.Errorf("twice in one transaction: %v", err)
		}
		if err := m.apply(m.event(1, "new", "s", `{"k":"a"}`)); err != nil {
			t.Fatal(err)
		}
		err := m.apply(m.event(2, "new", "s", `{"k":"a"}`))
		if _, ok := errors.AsType[*projection.EventError](err); err == nil || ok {
			t.Errorf("twice in two: %v", err)
		}
	})
}

const randomFile = `
projection: p
tables:
  $T: {columns: {a: text, b: integer, n: integer, s: text}, key: [a, b]}
on:
  - {events: set, upsert: $T, key: {a: event.data.a, b: event.data.b}, set: {s: event.data.s}}
  - {events: add, upsert: $T, key: {a: event.data.a, b: event.data.b}, add: {n: event.data.n}}
  - {events: put, upsert: $T, key: {a: event.data.a, b: event.data.b}, set: {n: event.data.n}}
  - {events: touch, upsert: $T, key: {a: event.data.a, b: event.data.b}}
  - {events: one, delete: $T, key: {a: event.data.a, b: event.data.b}}
  - {events: all, delete: $T, key: {a: event.data.a}}
`

// TestRandom: however events are divided into transactions, the rows are those of
// a map that was changed event by event.
func TestRandom(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		r := rand.New(rand.NewPCG(seed, 1))
		m := made(t, db, strings.ReplaceAll(randomFile, "$T", unique("t")))
		model := map[string][2]any{}
		kinds := []string{"set", "add", "put", "touch", "add", "one", "all"}
		at := cairn.Position(0)
		for range 40 {
			var batch []*projection.Event
			for range 1 + r.IntN(60) {
				at++
				kind := kinds[r.IntN(len(kinds))]
				if kind == "all" && r.IntN(4) > 0 {
					kind = "add"
				}
				batch = append(batch, step(m, r, model, at, kind))
			}
			if err := m.apply(batch...); err != nil {
				t.Fatal(err)
			}
		}
		var want []string
		for k, v := range model {
			want = append(want, k+"|"+text(v[0])+"|"+text(v[1]))
		}
		got := m.rows(m.p.Tables[0], "a, b, n, s", "a, b")
		if !reflect.DeepEqual(sorted(got), sorted(want)) {
			t.Errorf("got  %q\nwant %q", sorted(got), sorted(want))
		}
	})
}

// step makes a random event and does to the model what it does to the table.
func step(m *table, r *rand.Rand, model map[string][2]any, at cairn.Position, kind string) *projection.Event {
	a, b, n := string(rune('a'+r.IntN(5))), r.IntN(4), r.IntN(100)-50
	key := fmt.Sprintf("%s|%d", a, b)
	row := model[key]
	switch kind {
	case "set":
		row[1] = fmt.Sprint("v", n)
	case "put":
		row[0] = n
	case "add":
		sum, _ := row[0].(int)
		row[0] = sum + n
	case "one":
		delete(model, key)
	case "all":
		for k := range model {
			if strings.HasPrefix(k, a+"|") {
				delete(model, k)
			}
		}
	}
	if kind != "one" && kind != "all" {
		model[key] = row
	}
	return m.event(at, kind, "s", fmt.Sprintf(`{"a":%q,"b":%d,"n":%d,"s":"v%d"}`, a, b, n, n))
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// TestMany: more rows than fit in a statement, with keys that a careless identity
// would mix up.
func TestMany(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		name := unique("t")
		m := made(t, db, `
projection: p
tables: {`+name+`: {columns: {a: text, b: text, n: integer}, key: [a, b]}}
on: [{events: add, upsert: `+name+`, key: {a: event.data.a, b: event.data.b}, add: {n: 1}}]
`)
		var batch []*projection.Event
		for i := range 2500 {
			s := fmt.Sprint(i)
			for cut := range len(s) + 1 {
				batch = append(batch, m.event(1, "add", "s", fmt.Sprintf(`{"a":"x%s","b":"%s"}`, s[:cut], s[cut:])))
			}
		}
		if err := m.apply(batch...); err != nil {
			t.Fatal(err)
		}
		if got := m.rows(name, "count(*), max(n)", "1"); !reflect.DeepEqual(got, []string{fmt.Sprint(len(batch), "|1")}) {
			t.Errorf("got %q, want %d rows of 1", got, len(batch))
		}
	})
}

// TestValues: what events hold arrives as it was, in each type of column.
func TestValues(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		name := unique("t")
		m := made(t, db, `
projection: p
tables: {`+name+`: {columns: {k: text, i: integer, n: number, b: boolean, t: time, j: text}, key: [k]}}
on:
  - events: v
    upsert: `+name+`
    key: {k: event.stream}
    set:
      i: event.data.?i
      n: event.data.?n
      b: event.data.?b
      t: timestamp(event.data.t)
      j: "event.category + ' ' + string(event.revision) + ' ' + event.tags.join(',') + ' ' + string(event.metadata.m)"
`)
		events := []*projection.Event{
			m.event(1, "v", "größe-1", `{"i":9007199254740993,"n":1.5,"b":true,"t":"2026-01-31T10:00:00Z"}`),
			m.event(2, "v", "s-2", `{"i":1e3,"n":2,"b":false,"t":"2026-01-31T12:00:00+02:00"}`),
			m.event(3, "v", "S-2", `{"i":-1,"t":"2026-01-31T10:00:00.5Z","n":null}`),
		}
		for _, e := range events {
			e.Tags, e.Metadata = []string{"a", "b"}, []byte(`{"m":1.0}`)
		}
		if err := m.apply(events...); err != nil {
			t.Fatal(err)
		}
		want := []string{
			"S-2|-1|<nil>|<nil>|2026-01-31 10:00:00.500000Z|S 7 a,b 1",
			"größe-1|9007199254740993|1.5|true|2026-01-31 10:00:00.000000Z|größe 7 a,b 1",
			"s-2|1000|2|false|2026-01-31 10:00:00.000000Z|s 7 a,b 1",
		}
		got := m.rows(name, "k, i, n, b, t, j", "k")
		for i := range got {
			cells := strings.Split(got[i], "|")
			if db.dialect != declared.Postgres { // booleans are numbers there
				cells[3] = map[string]string{"1": "true", "0": "false", "<nil>": "<nil>"}[cells[3]]
			}
			got[i] = strings.Join(cells, "|")
		}
		if !reflect.DeepEqual(sorted(got), sorted(want)) {
			t.Errorf("got  %q\nwant %q", sorted(got), sorted(want))
		}
	})
}

// TestJSON: a column of JSON holds what was in the event, large integers too.
func TestJSON(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		name := unique("t")
		m := made(t, db, `
projection: p
tables: {`+name+`: {columns: {k: integer, j: json}, key: [k]}}
on:
  - {events: whole, upsert: `+name+`, key: {k: event.position}, set: {j: event.data}}
  - {events: made, upsert: `+name+`, key: {k: event.position}, set: {j: "{'a': [event.data.x, 1], 'b': null}"}}
  - {events: plain, upsert: `+name+`, key: {k: event.position}, set: {j: event.data.x}}
`)
		err := m.apply(m.event(1, "whole", "s", `{"x":9007199254740993,"y":["ä",null,true]}`), m.event(2, "made", "s", `{"x":"<"}`),
			m.event(3, "plain", "s", `{"x":"text"}`), m.event(4, "plain", "s", `{"x":null}`))
		if err != nil {
			t.Fatal(err)
		}
		want := []any{
			map[string]any{"x": json.Number("9007199254740993"), "y": []any{"ä", nil, true}},
			map[string]any{"a": []any{"<", json.Number("1")}, "b": nil}, "text",
		}
		got := m.rows(name, "j", "k")
		for i := range want {
			d := json.NewDecoder(strings.NewReader(got[i]))
			d.UseNumber()
			var v any
			if err := d.Decode(&v); err != nil || !reflect.DeepEqual(v, want[i]) {
				t.Errorf("row %d is %s: %v", i+1, got[i], err)
			}
		}
		if got[3] != "<nil>" {
			t.Errorf("null is %s", got[3])
		}
	})
}
