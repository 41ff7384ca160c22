package projection

import (
	"context"
	"fmt"
	"slices"

	"github.com/cairndb/cairn"
)

// A table belongs to one projection of its target: two that write the same would
// each be content, and the rows wrong. The entry "table/<table>" says which. It may
// outlive the last build with that table, and then counts for nothing.
type tableEntry struct {
	Table      string `json:"table"`
	Projection string `json:"projection"`
}

func owned(table, projection string) Entry {
	return Entry{"table/" + digest(table), encode(tableEntry{table, projection})}
}

// own adds to a change that the projection's tables are its own. It fails if one of
// them is another projection's.
func (r *runner[Tx]) own(ctx context.Context, c *Change) error {
	for i, table := range r.p.Tables {
		mine := owned(table, r.p.Name)
		stands, err := r.target.Entries(ctx, mine.Key)
		if err != nil {
			return err
		}
		if len(stands) == 0 {
			stands = []Entry{{Key: mine.Key}}
		} else if stands[0].Value != mine.Value {
			if err := r.vacant(ctx, c, i, stands[0]); err != nil {
				return err
			}
		}
		c.Expect = append(c.Expect, stands[0])
		if stands[0].Value != mine.Value {
			c.Put = append(c.Put, mine)
		}
	}
	return nil
}

// vacant makes sure that a table's owner has none such any more, and begins none
// before the change is made.
func (r *runner[Tx]) vacant(ctx context.Context, c *Change, i int, stands Entry) error {
	var of tableEntry
	if err := decode(stands, &of); err != nil {
		return err
	}
	at := placeOf(of.Projection)
	d, raw, err := loadDeployment(ctx, r.target, at)
	if err != nil {
		return err
	}
	for _, b := range d.Builds {
		if slices.Contains(b.Tables, of.Table) {
			return &cairn.InvalidError{
				Field:   fmt.Sprintf("tables[%d]", i),
				Problem: fmt.Sprintf("%q is a table of projection %q in this target; a table has one projection, so give it another name", of.Table, of.Projection),
			}
		}
	}
	c.Expect = append(c.Expect, Entry{at.deployment(), raw})
	return nil
}

// disown adds to a change that the tables of all builds are nobody's any more.
func disown(ctx context.Context, l Ledger, projection string, d *deployment, c *Change) error {
	var tables []string
	for _, b := range d.Builds {
		tables = append(tables, b.Tables...)
	}
	slices.Sort(tables)
	for _, table := range slices.Compact(tables) {
		mine := owned(table, projection)
		stands, err := l.Entries(ctx, mine.Key)
		if err != nil {
			return err
		}
		if len(stands) > 0 && stands[0] == mine {
			c.Expect, c.Put = append(c.Expect, mine), append(c.Put, Entry{Key: mine.Key})
		}
	}
	return nil
}
