package mongotarget

import (
	"context"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/cairndb/cairn/projection"
)

// Publish implements [projection.Publisher]. What readers see and the entries
// change in one step.
func (t *Target) Publish(ctx context.Context, c projection.Change, tables []string, to projection.Names) error {
	set := bson.D{}
	for _, name := range tables {
		if name == "" || strings.ContainsAny(name, ".$\x00") {
			return invalid("tables", fmt.Sprintf("%q must not be empty nor contain a dot, a $ or NUL", name))
		}
		set = append(set, bson.E{Key: "tables." + name, Value: to.Build})
	}
	return ended(ctx, t.change(ctx, c, set))
}

// show says, in a transaction, which builds readers see.
func (t *Target) show(ctx context.Context, tables bson.D) error {
	if len(tables) == 0 {
		return nil
	}
	_, err := t.ledger.UpdateOne(ctx, bson.D{{Key: "_id", Value: headID}},
		bson.D{{Key: "$set", Value: tables}, {Key: "$inc", Value: bson.D{{Key: "version", Value: int64(1)}}}}, options.UpdateOne().SetUpsert(true))
	return err
}

// Discard implements [projection.Publisher]. The change is made after the
// collections are gone.
func (t *Target) Discard(ctx context.Context, c projection.Change, tables []string, of projection.Names) error {
	return ended(ctx, t.discard(ctx, c, tables, of))
}

func (t *Target) discard(ctx context.Context, c projection.Change, tables []string, of projection.Names) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	h, err := t.stands(ctx, c)
	if err != nil {
		return err
	}
	for _, name := range tables {
		if build, ok := h.Tables[name]; ok && build == of.Build {
			return fmt.Errorf("mongotarget: collection %q is what readers see as %q; publish another build first", of.Name(name), name)
		}
	}
	for _, name := range tables {
		if err := t.db.Collection(of.Name(name)).Drop(ctx); err != nil {
			return err
		}
	}
	return t.change(ctx, c, nil)
}

// Collection returns the collection that holds a table for readers: that of the
// build that is published. Look again for each request, or readers see a build that
// is no longer kept up. It fails with [projection.ErrUnknown] if none is.
func Collection(ctx context.Context, db *mongo.Database, table string) (*mongo.Collection, error) {
	all, err := Collections(ctx, db, table)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// Collections is Collection for several tables as they stand together.
func Collections(ctx context.Context, db *mongo.Database, tables ...string) ([]*mongo.Collection, error) {
	h, err := (&Target{ledger: db.Collection(LedgerName)}).read(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]*mongo.Collection, len(tables))
	for i, table := range tables {
		build, ok := h.Tables[table]
		if !ok {
			return nil, fmt.Errorf("mongotarget: no build of table %q is published in database %q: %w", table, db.Name(), projection.ErrUnknown)
		}
		all[i] = db.Collection(projection.Names{Build: build}.Name(table))
	}
	return all, nil
}
