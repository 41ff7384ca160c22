package filetarget

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/cairndb/cairn/projection"
)

// A state is what the directory says: the manifest, and the journal after it.
type state struct {
	manifest *Manifest
	ledger   map[string]string
	columns  map[string][]Column // of all tables
	waiting  map[string]*waiting // rows that are in the journal only
	journal  int                 // bytes
	made     bool                // a table is in the journal only
}

// waiting are the rows of a table.
type waiting struct {
	rows  int64
	lines []byte
}

// recall reads the state from the disk.
func recall(d disk) (*state, error) {
	m, err := load(d)
	var missing *missingError
	if errors.As(err, &missing) {
		m, err = &Manifest{Next: 1}, fresh(d)
	}
	if err != nil {
		return nil, err
	}
	s := &state{manifest: m, ledger: map[string]string{}, columns: map[string][]Column{}, waiting: map[string]*waiting{}}
	maps.Copy(s.ledger, m.Ledger)
	for name, table := range m.Tables {
		s.columns[name] = table.Columns
	}
	if m.Journal == "" {
		return s, nil
	}
	data, err := d.Read(m.Journal)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, corrupt(m.Journal, 0, "the journal is missing that the manifest names")
	}
	if err != nil {
		return nil, failed(err)
	}
	return s, replay(m.Journal, data, s.apply)
}

// fresh refuses a directory that has files of tables, or a journal with records, and
// no manifest.
func fresh(d disk) error {
	names, err := files(d)
	for _, name := range names {
		if !ours(name) || strings.HasSuffix(name, temporary) || err != nil {
			continue
		}
		data, failure := d.Read(name)
		if err = failed(failure); len(data) > 0 {
			return corrupt(manifestName, 0, "the manifest is missing, and "+name+" is there")
		}
	}
	return err
}

// files lists the files of the directory and of those in it that a table can have,
// however the files are named. Others may not be ours to look into.
func files(d disk) (all []string, err error) {
	names, err := d.List("")
	for _, name := range names {
		all = append(all, name)
		if table, ok := strings.CutSuffix(name, "/"); ok && checkTable(table) == nil && err == nil {
			var inside []string
			inside, err = d.List(table)
			for _, file := range inside {
				all = append(all, name+file)
			}
		}
	}
	return all, failed(err)
}

// apply makes the change of a record.
func (s *state) apply(r *record) error {
	for name, columns := range r.Make {
		s.columns[name], s.made = columns, true
	}
	for _, c := range r.Rows {
		if s.columns[c.Table] == nil {
			return fmt.Errorf("there are rows of table %q, which was never made", c.Table)
		}
		w := s.waiting[c.Table]
		if w == nil {
			w = &waiting{}
			s.waiting[c.Table] = w
		}
		w.rows, w.lines = w.rows+c.Rows, append(w.lines, r.lines[c.Table]...)
	}
	for key, value := range r.Put {
		if s.ledger[key] = value; value == "" {
			delete(s.ledger, key)
		}
	}
	return nil
}

// stands reports whether entries stand as expected.
func (s *state) stands(expect []projection.Entry) error {
	for _, e := range expect {
		if s.ledger[e.Key] != e.Value {
			return projection.ErrMoved
		}
	}
	return nil
}

// under lists the entries below a prefix.
func (s *state) under(prefix string) (found []projection.Entry) {
	for key, value := range s.ledger {
		if strings.HasPrefix(key, prefix) {
			found = append(found, projection.Entry{Key: key, Value: value})
		}
	}
	slices.SortFunc(found, func(a, b projection.Entry) int { return cmp.Compare(a.Key, b.Key) })
	return found
}

// full reports whether the journal is to be rotated.
func (s *state) full(o *Options) bool {
	for _, w := range s.waiting {
		if w.rows >= int64(o.Rows) {
			return true
		}
	}
	return s.journal >= o.Bytes
}
