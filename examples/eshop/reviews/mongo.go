package reviews

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

type collection struct{ c *mongo.Collection }

// Mongo keeps documents as they are in a collection of MongoDB.
func Mongo(ctx context.Context, c *mongo.Collection) (Documents, error) {
	_, err := c.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: bson.D{{Key: "sku", Value: 1}, {Key: "_id", Value: -1}}})
	return &collection{c}, err
}

// Insert implements [Documents].
func (c *collection) Insert(ctx context.Context, r Review) error {
	_, err := c.c.InsertOne(ctx, r)
	if mongo.IsDuplicateKeyError(err) {
		return nil
	}
	return err
}

// Of implements [Documents].
func (c *collection) Of(ctx context.Context, sku string, most int) ([]Review, error) {
	newest := options.Find().SetSort(bson.D{{Key: "_id", Value: -1}}).SetLimit(int64(most))
	found, err := c.c.Find(ctx, bson.D{{Key: "sku", Value: sku}}, newest)
	if err != nil {
		return nil, err
	}
	all := []Review{}
	err = found.All(ctx, &all)
	return all, err
}

// Ratings implements [Documents].
func (c *collection) Ratings(ctx context.Context) ([]Rating, error) {
	found, err := c.c.Aggregate(ctx, mongo.Pipeline{
		{{Key: "$group", Value: bson.D{
			{Key: "_id", Value: "$sku"},
			{Key: "count", Value: bson.D{{Key: "$sum", Value: 1}}},
			{Key: "stars", Value: bson.D{{Key: "$sum", Value: "$stars"}}},
		}}},
		{{Key: "$sort", Value: bson.D{{Key: "_id", Value: 1}}}},
	})
	if err != nil {
		return nil, err
	}
	all := []Rating{}
	err = found.All(ctx, &all)
	return all, err
}
