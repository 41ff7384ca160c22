package memtarget

import (
	"cmp"
	"iter"
	"slices"
	"strings"
)

// A Table is what readers see of a table. Its methods may be called concurrently,
// and each sees one committed state.
type Table struct {
	target *Target
	name   string
}

// Table returns a table by the name that readers use, which stands for that of
// the active build, or by that of a build. One that nobody has written to is empty.
func (t *Target) Table(name string) Table { return Table{t, name} }

// Get returns the value of a row.
func (r Table) Get(key string) (value any, ok bool) {
	r.target.View(func(v View) { value, ok = v.Get(r.name, key) })
	return value, ok
}

// Len is how many rows there are.
func (r Table) Len() (n int) {
	r.target.View(func(v View) { n = v.Len(r.name) })
	return n
}

// Scan goes through the rows whose key begins with prefix, ordered by key, as
// they were when it began. It takes as long as the table is large.
func (r Table) Scan(prefix string) iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		var rows []pair
		r.target.View(func(v View) { rows = v.target.pairs(v.target.resolve(r.name), prefix) })
		each(rows, yield)
	}
}

// A View is several tables as of one moment. It is of no use after its function.
type View struct{ target *Target }

// View lets a function read as of one moment. Nothing is written meanwhile, so it
// should be quick, and must not use the target otherwise.
func (t *Target) View(read func(v View)) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	read(View{t})
}

// Get returns the value of a row.
func (v View) Get(table, key string) (value any, ok bool) {
	row, ok := v.target.row(v.target.resolve(table), key)
	return row.value, ok
}

// Len is how many rows a table has.
func (v View) Len(table string) int {
	if t := v.target.table(table); t != nil {
		return len(t.rows)
	}
	return 0
}

// Scan goes through the rows of a table whose key begins with prefix, ordered by
// key. It takes as long as the table is large.
func (v View) Scan(table, prefix string) iter.Seq2[string, any] {
	return func(yield func(string, any) bool) { each(v.target.pairs(v.target.resolve(table), prefix), yield) }
}

// Value gives what a Get has returned its type: Value[int64](tx.Get("balance", key)).
// Where there is no row it returns the zero value. A row of another type is a
// programming error, and it panics.
func Value[V any](value any, ok bool) (V, bool) {
	if !ok {
		var none V
		return none, false
	}
	return value.(V), true
}

// A pair is a row with its key.
type pair struct {
	key   string
	value any
}

// pairs are the rows of a table, by its own name, in no order. The caller holds the lock.
func (t *Target) pairs(name, prefix string) (rows []pair) {
	if table := t.tables[name]; table != nil {
		for key, row := range table.rows {
			if strings.HasPrefix(key, prefix) {
				rows = append(rows, pair{key, row.value})
			}
		}
	}
	return rows
}

// each yields rows in the order of their keys.
func each(rows []pair, yield func(string, any) bool) {
	slices.SortFunc(rows, func(a, b pair) int { return cmp.Compare(a.key, b.key) })
	for _, r := range rows {
		if !yield(r.key, r.value) {
			return
		}
	}
}
