package mongotarget

import (
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/cairndb/cairn"
)

// The fields of a document that are the target's.
const (
	positionField = "_cairn" // the position of the last event that wrote it
	goneField     = "_gone"  // when it was deleted
)

// A write is one write of one document, for one event.
type write struct {
	at         cairn.Position
	collection string
	id         any
	key        string // the id as bytes
	model      mongo.WriteModel
}

// A kind says whether a change makes a document that is not there.
type kind bool

const (
	updates kind = false
	upserts kind = true
)

// identity is an id as bytes, to compare it.
func identity(id any) (string, error) {
	kind, data, err := bson.MarshalValue(id)
	if err != nil {
		return "", invalid("id", err.Error())
	}
	if kind == bson.TypeNull || kind == bson.TypeArray || kind == bson.TypeUndefined || kind == bson.TypeRegex {
		return "", invalid("id", "must not be null, a list or a regular expression")
	}
	return string(byte(kind)) + string(data), nil
}

// filter finds the document, if it has not seen the event.
func (w write) filter(transactions bool, more ...bson.E) bson.D {
	f := bson.D{{Key: "_id", Value: w.id}}
	if !transactions {
		f = append(f, bson.E{Key: positionField, Value: notSince(int64(w.at))})
	}
	return append(f, more...)
}

// gone tells tombstones from documents.
func gone(is bool) bson.E {
	return bson.E{Key: goneField, Value: bson.D{{Key: "$exists", Value: is}}}
}

// deletes is the write that removes the document.
func (w write) deletes(transactions bool, now time.Time) write {
	if transactions {
		w.model = mongo.NewDeleteOneModel().SetFilter(w.filter(true))
		return w
	}
	tombstone := bson.D{{Key: positionField, Value: int64(w.at)}, {Key: goneField, Value: now}}
	w.model = mongo.NewReplaceOneModel().SetFilter(w.filter(false, gone(false))).SetReplacement(tombstone)
	return w
}

// changes are the writes that change the document.
func (w write) changes(update any, kind kind, transactions bool) ([]write, error) {
	doc, err := document(update)
	if err != nil {
		return nil, err
	}
	filter := w.filter(transactions)
	if kind == updates {
		filter = append(filter, gone(false))
	}
	if len(doc) == 0 || !strings.HasPrefix(doc[0].Key, "$") {
		doc = append(doc, bson.E{Key: positionField, Value: int64(w.at)})
		w.model = mongo.NewReplaceOneModel().SetFilter(filter).SetReplacement(doc).SetUpsert(bool(kind))
		return []write{w}, nil
	}
	w.model = mongo.NewUpdateOneModel().SetFilter(filter).SetUpdate(w.stamped(doc)).SetUpsert(bool(kind))
	if revived, ok := w.revived(doc, kind, transactions); ok {
		return []write{revived, w}, nil
	}
	return []write{w}, nil
}

// revived is the write that goes before an upsert with $setOnInsert: a tombstone is
// a document to the server, so that it would not count as an insert.
func (w write) revived(doc bson.D, kind kind, transactions bool) (write, bool) {
	i := slices.IndexFunc(doc, func(e bson.E) bool { return e.Key == "$setOnInsert" })
	if transactions || kind == updates || i < 0 {
		return w, false
	}
	fresh, _ := doc[i].Value.(bson.D)
	rest := slices.Delete(slices.Clone(doc), i, i+1)
	w.model = mongo.NewUpdateOneModel().SetFilter(w.filter(false, gone(true))).SetUpdate(w.stamped(into(rest, "$set", fresh...)))
	return w, true
}

// stamped is an update that also says which event it is from.
func (w write) stamped(update bson.D) bson.D {
	update = into(update, "$set", bson.E{Key: positionField, Value: int64(w.at)})
	return into(update, "$unset", bson.E{Key: goneField, Value: ""})
}

// into adds fields to those of an operator.
func into(update bson.D, operator string, fields ...bson.E) bson.D {
	update = slices.Clone(update)
	for i, e := range update {
		if has, ok := e.Value.(bson.D); ok && e.Key == operator {
			update[i].Value = append(slices.Clone(has), fields...)
			return update
		}
	}
	return append(update, bson.E{Key: operator, Value: bson.D(fields)})
}

// document is an update in a form that can be added to.
func document(update any) (bson.D, error) {
	raw, err := bson.Marshal(update)
	if err != nil {
		return nil, invalid("update", "must be a document of update operators or one that replaces what is there: "+err.Error())
	}
	var doc bson.D
	if err := bson.Unmarshal(raw, &doc); err != nil {
		return nil, invalid("update", err.Error())
	}
	return doc, checkUpdate(doc)
}

func checkUpdate(doc bson.D) error {
	operators := len(doc) > 0 && strings.HasPrefix(doc[0].Key, "$")
	for _, e := range doc {
		fields := bson.D{e}
		if strings.HasPrefix(e.Key, "$") != operators {
			return invalid("update", "mixes update operators and fields: "+e.Key)
		}
		if operators {
			var ok bool
			if fields, ok = e.Value.(bson.D); !ok {
				return invalid("update", "the fields of "+e.Key+" must be a document")
			}
		}
		for _, f := range fields {
			if name, _, _ := strings.Cut(f.Key, "."); slices.Contains([]string{positionField, goneField, "_id"}, name) {
				return invalid("update", "the field "+name+" is not for handlers to write")
			}
		}
	}
	return nil
}
