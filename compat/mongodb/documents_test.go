package mongodb

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/cairndb/cairn/projection/mongotarget"
)

// documents reads a collection of numbers as readers do.
func documents(ctx context.Context, c *mongo.Collection) (map[string]int64, error) {
	cursor, err := c.Find(ctx, mongotarget.Live())
	if err != nil {
		return nil, err
	}
	var docs []struct {
		ID string `bson:"_id"`
		N  int64  `bson:"n"`
	}
	if err := cursor.All(ctx, &docs); err != nil {
		return nil, err
	}
	all := map[string]int64{}
	for _, d := range docs {
		all[d.ID] = d.N
	}
	return all, nil
}
