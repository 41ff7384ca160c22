package memtarget

import (
	"iter"
	"slices"
	"strings"
)

// A Tx is a transaction. It sees what it has written itself, and nobody else does
// until it has ended well. It is for one goroutine, and of no use afterwards.
type Tx struct {
	target *Target
	tables map[string]*overlay // by the name they were asked for
}

// An overlay is what a transaction has done with a table: what it has written,
// and what it has seen.
type overlay struct {
	name    string // what the name stood for
	rows    map[string]change
	seen    map[string]uint64 // versions of rows; 0 is none
	scanned bool
	version uint64 // of the table when it was scanned
}

// A change is a row that was set or removed.
type change struct {
	value any
	gone  bool
}

// Get returns the value of a row. Tables need not be made: one that nobody has
// written to is empty.
func (tx *Tx) Get(table, key string) (value any, ok bool) {
	o := tx.overlay(table)
	if c, ok := o.rows[key]; ok {
		return c.value, !c.gone
	}
	tx.target.mu.RLock()
	defer tx.target.mu.RUnlock()
	row, ok := tx.target.row(o.name, key)
	if _, again := o.seen[key]; !again {
		o.saw(key, row.version)
	}
	return row.value, ok
}

// Set makes a row have a value, whether it was there or not. The value must not
// be changed any more.
func (tx *Tx) Set(table, key string, value any) { tx.overlay(table).rows[key] = change{value: value} }

// Delete removes a row, if it is there.
func (tx *Tx) Delete(table, key string) { tx.overlay(table).rows[key] = change{gone: true} }

// Scan goes through the rows of a table whose key begins with prefix, ordered by
// key, as they were when it began. It takes as long as the table is large. All of
// the table then counts as read.
func (tx *Tx) Scan(table, prefix string) iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		o := tx.overlay(table)
		rows := tx.committed(o, prefix)
		for key, c := range o.rows {
			if strings.HasPrefix(key, prefix) && !c.gone {
				rows = append(rows, pair{key, c.value})
			}
		}
		each(rows, yield)
	}
}

// committed are the rows of the table that the transaction has not written.
func (tx *Tx) committed(o *overlay, prefix string) (rows []pair) {
	t := tx.target
	t.mu.RLock()
	defer t.mu.RUnlock()
	if !o.scanned {
		o.scanned, o.version = true, t.version(o.name)
	}
	return slices.DeleteFunc(t.pairs(o.name, prefix), func(p pair) bool { _, own := o.rows[p.key]; return own })
}

func (tx *Tx) overlay(table string) *overlay {
	o := tx.tables[table]
	if o == nil {
		tx.target.mu.RLock()
		defer tx.target.mu.RUnlock()
		o = &overlay{name: tx.target.resolve(table), rows: map[string]change{}}
		tx.tables[table] = o
	}
	return o
}

func (o *overlay) saw(key string, version uint64) {
	if o.seen == nil {
		o.seen = map[string]uint64{}
	}
	o.seen[key] = version
}
