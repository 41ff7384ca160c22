package reviews

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

type collection struct{ c *mongo.Collection }

// Mongo keeps documents as they are in a collection of MongoDB, and beside what
// the review says whether others have been told. It asks for one index at a time:
// FerretDB breaks the connection when it is asked for two that are there already.
func Mongo(ctx context.Context, c *mongo.Collection) (Documents, error) {
	for _, keys := range []bson.D{
		{{Key: "sku", Value: 1}, {Key: "_id", Value: -1}},
		{{Key: "told", Value: 1}, {Key: "_id", Value: 1}},
	} {
		if _, err := c.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: keys}); err != nil {
			return nil, err
		}
	}
	return &collection{c}, nil
}

// A told is a review as it is stored.
type told struct {
	Review `bson:",inline"`
	Told   bool `bson:"told"`
}

// Insert implements [Documents].
func (c *collection) Insert(ctx context.Context, r Review) error {
	_, err := c.c.InsertOne(ctx, told{Review: r})
	if mongo.IsDuplicateKeyError(err) {
		return nil
	}
	return err
}

// Of implements [Documents].
func (c *collection) Of(ctx context.Context, sku string, most int) ([]Review, error) {
	return c.list(ctx, bson.D{{Key: "sku", Value: sku}}, -1, most)
}

// Untold implements [Documents].
func (c *collection) Untold(ctx context.Context, most int) ([]Review, error) {
	return c.list(ctx, bson.D{{Key: "told", Value: false}}, 1, most)
}

// Told implements [Documents].
func (c *collection) Told(ctx context.Context, id string) error {
	_, err := c.c.UpdateByID(ctx, id, bson.D{{Key: "$set", Value: bson.D{{Key: "told", Value: true}}}})
	return err
}

func (c *collection) list(ctx context.Context, of bson.D, direction, most int) ([]Review, error) {
	found, err := c.c.Find(ctx, of, options.Find().SetSort(bson.D{{Key: "_id", Value: direction}}).SetLimit(int64(most)))
	if err != nil {
		return nil, err
	}
	all := []Review{}
	err = found.All(ctx, &all)
	return all, err
}

// Ratings implements [Documents]. The database counts how often a product was
// given so many stars, with one sum alone: FerretDB, which is spoken to as MongoDB
// is, gets the second one wrong.
func (c *collection) Ratings(ctx context.Context) ([]Rating, error) {
	found, err := c.c.Aggregate(ctx, mongo.Pipeline{
		{{Key: "$group", Value: bson.D{
			{Key: "_id", Value: bson.D{{Key: "sku", Value: "$sku"}, {Key: "stars", Value: "$stars"}}},
			{Key: "count", Value: bson.D{{Key: "$sum", Value: 1}}},
		}}},
		{{Key: "$sort", Value: bson.D{{Key: "_id", Value: 1}}}},
		{{Key: "$limit", Value: rated * MaxStars}},
	})
	if err != nil {
		return nil, err
	}
	var given []stars
	err = found.All(ctx, &given)
	return ratings(given), err
}

// stars are how often a product was given so many.
type stars struct {
	Of struct {
		SKU   string
		Stars int64
	} `bson:"_id"`
	Count int64
}

// ratings adds up what is sorted by product, of as many as are rated.
func ratings(given []stars) []Rating {
	all := []Rating{}
	for _, g := range given {
		if len(all) == 0 || all[len(all)-1].SKU != g.Of.SKU {
			if len(all) == rated {
				break
			}
			all = append(all, Rating{SKU: g.Of.SKU})
		}
		r := &all[len(all)-1]
		r.Count += g.Count
		r.Stars += g.Count * g.Of.Stars
	}
	return all
}
