package memtarget

// holds reports whether all that the transaction has read is still so. The caller
// holds the lock.
func (tx *Tx) holds() bool {
	t := tx.target
	for asked, o := range tx.tables {
		if t.resolve(asked) != o.name || o.scanned && t.version(o.name) != o.version {
			return false
		}
		for key, version := range o.seen {
			if row, _ := t.row(o.name, key); row.version != version {
				return false
			}
		}
	}
	return true
}

// write makes what the transaction has written be seen. The caller holds the lock.
func (tx *Tx) write() {
	t := tx.target
	t.writes++
	for _, o := range tx.tables {
		if len(o.rows) > 0 {
			t.made(o.name).write(o.rows, t.writes)
		}
	}
}

func (t *Target) made(name string) *table {
	if t.tables[name] == nil {
		t.tables[name] = &table{rows: map[string]cell{}}
	}
	return t.tables[name]
}

func (t *table) write(rows map[string]change, version uint64) {
	t.version = version
	for key, c := range rows {
		if c.gone {
			delete(t.rows, key)
		} else {
			t.rows[key] = cell{c.value, version}
		}
	}
}

// row is a row of a table, by the table's own name.
func (t *Target) row(name, key string) (cell, bool) {
	if table := t.tables[name]; table != nil {
		row, ok := table.rows[key]
		return row, ok
	}
	return cell{}, false
}

func (t *Target) version(name string) uint64 {
	if table := t.tables[name]; table != nil {
		return table.version
	}
	return 0
}
