package filetarget

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// temporary is what the names of files end in that are being written.
const temporary = ".tmp"

// seal rotates if tables or rows wait. The caller has the turn.
func (t *Target) seal() error {
	if len(t.state.waiting) == 0 && !t.state.made && t.state.journal < t.o.Bytes {
		return nil
	}
	return t.replace(t.state.manifest.successor())
}

// replace rotates with a manifest that was changed.
func (t *Target) replace(next *Manifest) error {
	s := t.state
	t.state = nil // until all went well
	if err := t.rotate(s, next); err != nil {
		return err
	}
	t.state = s
	return nil
}

// successor is a manifest that can be changed.
func (m *Manifest) successor() *Manifest {
	next := *m
	next.Published, next.Tables = maps.Clone(m.Published), maps.Clone(m.Tables)
	if next.Tables == nil {
		next.Published, next.Tables = map[string]int{}, map[string]Table{}
	}
	if next.Published == nil {
		next.Published = map[string]int{}
	}
	next.Obsolete = slices.Clone(m.Obsolete)
	return &next
}

// rotate makes files of the rows that wait and an empty journal, and replaces the
// manifest by one that lists them: that is the moment at which it happens. Until
// then nothing is removed.
func (t *Target) rotate(s *state, next *Manifest) error {
	if err := t.parts(s, next); err != nil {
		return err
	}
	gone := next.expire(time.Now().Add(-t.o.Keep))
	next.Ledger = maps.Clone(s.ledger)
	next.Journal = fmt.Sprintf("journal-%08d", next.Next)
	next.Next++
	journal, err := t.begun(next.Journal)
	if err != nil {
		return err
	}
	if err := t.list(next); err != nil {
		// The error of closing an empty file says nothing more.
		_ = journal.Close()
		return err
	}
	old := s.manifest.Journal
	if t.journal != nil {
		_ = t.journal.Close() // all of it was synced
	}
	t.journal, s.manifest, s.waiting, s.journal, s.made = journal, next, map[string]*waiting{}, 0, false
	t.remove(gone, next)
	if old != "" {
		_ = t.disk.Remove(old) // if it stays, the next Open removes it
	}
	return nil
}

// remove removes files that are obsolete, and the directories of tables that are
// gone with their last file. Files that stay are removed by the next Open.
func (t *Target) remove(gone []string, m *Manifest) {
	for _, name := range gone {
		_ = t.disk.Remove(name)
		if _, ok := m.Tables[path.Dir(name)]; !ok {
			_ = t.disk.Remove(path.Dir(name)) // fails unless it is empty
		}
	}
}

// begun returns an empty journal that is durable.
func (t *Target) begun(name string) (file, error) {
	f, err := t.disk.Create(name)
	if err != nil {
		return nil, failed(err)
	}
	if err = f.Sync(); err == nil {
		err = t.disk.Sync("")
	}
	if err != nil {
		_ = f.Close()
		return nil, failed(err)
	}
	return f, nil
}

// list replaces the manifest.
func (t *Target) list(m *Manifest) error {
	text, err := m.encode()
	if err != nil {
		return err
	}
	return t.put(manifestName, text)
}

// put writes a file whole, or not at all.
func (t *Target) put(name string, data []byte) error {
	f, err := t.disk.Create(name + temporary)
	if err != nil {
		return failed(err)
	}
	if _, err = f.Write(data); err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = t.disk.Rename(name+temporary, name)
	}
	if err == nil {
		err = t.disk.Sync(strings.TrimSuffix(path.Dir(name), "."))
	}
	return failed(err)
}

// expire takes from the list what has been obsolete for long enough.
func (m *Manifest) expire(before time.Time) (gone []string) {
	m.Obsolete = slices.DeleteFunc(m.Obsolete, func(o Obsolete) bool {
		if o.Since.After(before) {
			return false
		}
		gone = append(gone, o.Name)
		return true
	})
	return gone
}

// tidy removes what a target has written and the manifest does not list.
func (t *Target) tidy(m *Manifest) error {
	listed := map[string]bool{manifestName: true, m.Journal: true}
	for _, table := range m.Tables {
		for _, p := range table.Parts {
			listed[p.Name] = true
		}
	}
	for _, o := range m.Obsolete {
		listed[o.Name] = true
	}
	names, err := files(t.disk)
	for _, name := range names {
		if ours(name) && !listed[name] && err == nil {
			err = failed(t.disk.Remove(name))
		}
	}
	return err
}

// watch rotates rows that have waited for long enough.
func (t *Target) watch(ctx context.Context) {
	defer close(t.done)
	for {
		select {
		case <-t.rows:
		case <-ctx.Done():
			return
		}
		timer := time.NewTimer(t.o.Age)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		if t.Flush(ctx) != nil {
			t.wake() // tries again after the same time
		}
	}
}

// wake tells that rows wait.
func (t *Target) wake() {
	select {
	case t.rows <- struct{}{}:
	default:
	}
}
