package filetarget

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/cairndb/cairn/projection"
)

// Update implements [projection.Target]. Its function is run once, beside those of
// other updates.
func (t *Target) Update(ctx context.Context, c projection.Change, fn func(ctx context.Context, tx *Tx) error) error {
	tx, err := t.begin(ctx, c)
	if err != nil {
		return err
	}
	if err := fn(ctx, tx); err != nil {
		return err
	}
	return t.commit(ctx, c, tx.record())
}

// begin looks whether entries stand as expected.
func (t *Target) begin(ctx context.Context, c projection.Change) (*Tx, error) {
	s, done, err := t.take(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := s.stands(c.Expect); err != nil {
		return nil, err
	}
	return &Tx{known: maps.Clone(s.columns), made: map[string][]Column{}, tables: map[string]*waiting{}}, nil
}

// commit writes a record with a change to the journal, if entries stand.
func (t *Target) commit(ctx context.Context, c projection.Change, r *record) error {
	s, done, err := t.take(ctx)
	if err != nil {
		return err
	}
	defer done()
	if err := s.stands(c.Expect); err != nil {
		return err
	}
	if err := s.fits(r); err != nil {
		return err
	}
	r.Put = putOf(c)
	if err := t.write(s, r); err != nil {
		return err
	}
	if len(r.Rows)+len(r.Make) > 0 {
		t.wake()
	}
	if s.full(&t.o) {
		// The update is durable. If this fails, the next operation meets it.
		_ = t.seal()
	}
	return nil
}

func putOf(c projection.Change) map[string]string {
	put := make(map[string]string, len(c.Put))
	for _, e := range c.Put {
		put[e.Key] = e.Value
	}
	return put
}

// fits refuses rows for which the tables are no longer what they were when the
// update began.
func (s *state) fits(r *record) error {
	for name, columns := range r.Make {
		if has := s.columns[name]; has != nil && !slices.Equal(has, columns) {
			return otherColumns(name, has, columns)
		}
	}
	for _, c := range r.Rows {
		if r.Make[c.Table] == nil && !slices.Equal(s.columns[c.Table], r.known[c.Table]) {
			return fmt.Errorf("filetarget: table %q was discarded meanwhile: %w", c.Table, projection.ErrUnknown)
		}
	}
	return nil
}

// write makes a record durable and applies it.
func (t *Target) write(s *state, r *record) error {
	b, err := r.encode()
	if err != nil {
		return err
	}
	if _, err = t.journal.Write(b); err == nil {
		err = t.journal.Sync()
	}
	if err == nil {
		s.journal += len(b)
		err = s.apply(r)
	}
	if err != nil {
		t.state = nil // whether it was written is to be seen on the disk
	}
	return failed(err)
}
