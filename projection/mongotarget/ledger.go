package mongotarget

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/cairndb/cairn/projection"
)

// Entries implements [projection.Ledger].
func (t *Target) Entries(ctx context.Context, prefix string) (found []projection.Entry, err error) {
	if t.o.Transactions {
		err = t.transact(ctx, func(ctx context.Context) (err error) {
			found, err = t.under(ctx, prefix, nil)
			return err
		})
		return found, ended(ctx, err)
	}
	done, err := t.take(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	found, err = t.steady(ctx, prefix)
	return found, ended(ctx, err)
}

// steady reads the entries between two looks at the head that are the same.
func (t *Target) steady(ctx context.Context, prefix string) ([]projection.Entry, error) {
	h, err := t.read(ctx)
	for err == nil {
		var found []projection.Entry
		if found, err = t.under(ctx, prefix, h.Pending); err != nil {
			break
		}
		var now head
		if now, err = t.read(ctx); err == nil && now.Version == h.Version {
			return found, nil
		}
		h = now
	}
	return nil, err
}

// under lists the entries below a prefix as they stand with what is pending.
func (t *Target) under(ctx context.Context, prefix string, pending []entry) ([]projection.Entry, error) {
	// "~" sorts after every character that a key can have, and "-" before.
	docs, err := t.find(ctx, bson.D{{Key: "$gte", Value: max(prefix, "-")}, {Key: "$lt", Value: prefix + "~"}})
	if err != nil {
		return nil, err
	}
	for _, e := range pending {
		if strings.HasPrefix(e.Key, prefix) {
			docs[e.Key] = e.Value
		}
	}
	var found []projection.Entry
	for key, value := range docs {
		if value != "" {
			found = append(found, projection.Entry{Key: key, Value: value})
		}
	}
	slices.SortFunc(found, func(a, b projection.Entry) int { return cmp.Compare(a.Key, b.Key) })
	return found, nil
}

// find reads documents of the ledger by a condition on their key.
func (t *Target) find(ctx context.Context, which bson.D) (map[string]string, error) {
	cursor, err := t.ledger.Find(ctx, bson.D{{Key: "_id", Value: which}})
	if err != nil {
		return nil, err
	}
	var docs []entry
	if err := cursor.All(ctx, &docs); err != nil {
		return nil, err
	}
	values := make(map[string]string, len(docs))
	for _, e := range docs {
		values[e.Key] = e.Value
	}
	return values, nil
}

// Apply implements [projection.Ledger].
func (t *Target) Apply(ctx context.Context, c projection.Change) error {
	return ended(ctx, t.change(ctx, c, nil))
}

// change makes a change, and with it says which builds readers see of tables.
func (t *Target) change(ctx context.Context, c projection.Change, tables bson.D) error {
	if t.o.Transactions {
		return t.transact(ctx, func(ctx context.Context) error {
			if err := t.lock(ctx, c); err != nil {
				return err
			}
			return t.show(ctx, tables)
		})
	}
	done, err := t.take(ctx)
	if err != nil {
		return err
	}
	defer done()
	for {
		h, err := t.stands(ctx, c)
		if err != nil {
			return err
		}
		if made, err := t.advance(ctx, h, c.Put, tables); made || err != nil {
			return err
		}
	}
}

// stands returns the head as of which entries stand as expected. To advance that
// very head is to make the change while they still do.
func (t *Target) stands(ctx context.Context, c projection.Change) (head, error) {
	h, err := t.read(ctx)
	if err != nil || len(c.Expect) == 0 {
		return h, err
	}
	keys := make([]string, len(c.Expect))
	for i, e := range c.Expect {
		keys[i] = e.Key
	}
	values, err := t.find(ctx, bson.D{{Key: "$in", Value: keys}})
	if err != nil {
		return h, err
	}
	for _, e := range h.Pending {
		values[e.Key] = e.Value
	}
	for _, e := range c.Expect {
		if values[e.Key] != e.Value {
			return h, projection.ErrMoved
		}
	}
	return h, nil
}
