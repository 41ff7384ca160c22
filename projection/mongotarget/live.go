package mongotarget

import (
	"math"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Live is a filter for readers that leaves tombstones out, with whatever else they
// look for:
//
//	cursor, err := balance.Find(ctx, mongotarget.Live(bson.E{Key: "cents", Value: bson.M{"$gt": 0}}))
//
// It is only needed where the target has no transactions and documents are deleted.
func Live(filter ...bson.E) bson.D { return append(bson.D{gone(false)}, filter...) }

// TombstoneIndex is an index, for a projection's Setup, that has the server remove
// tombstones when they are so old, in whole seconds. It should be much longer than a
// runner may be paused and still come back; an hour is. The server needs TTL indices.
func TombstoneIndex(keep time.Duration) mongo.IndexModel {
	seconds := int32(min(max(keep, 0)/time.Second, math.MaxInt32))
	return mongo.IndexModel{Keys: bson.D{{Key: goneField, Value: 1}}, Options: options.Index().SetSparse(true).SetExpireAfterSeconds(seconds)}
}
