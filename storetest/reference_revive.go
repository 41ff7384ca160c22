package storetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/cairndb/cairn"
)

// A revival makes a soft-deleted stream live again, its old events hidden.
type revival struct {
	stream string
	before cairn.Revision // the first revision that is not hidden
}

// revivals finds the soft-deleted streams that the batch makes live again: by
// writing to them, or by giving them metadata that is not a deletion.
func (r *reference) revivals(b *cairn.Batch) (all []revival) {
	for i := range b.Writes {
		w := &b.Writes[i]
		stream, meta := cairn.DescribedStream(w.Stream)
		if !meta {
			stream = w.Stream
		}
		known := slices.ContainsFunc(all, func(r revival) bool { return r.stream == stream })
		s := r.look(stream)
		if s.softDeleted() && !known && w.Delete == cairn.Keep && (!meta || redescribes(w)) {
			all = append(all, revival{stream, s.last() + 1})
		}
	}
	return all
}

// redescribes reports whether a write to a metadata stream leaves metadata
// that is not a deletion.
func redescribes(w *cairn.Write) bool {
	for _, e := range slices.Backward(w.Events) {
		if e.Type == cairn.TypeMetadata {
			m := cairn.ParseStreamMetadata(e.Data)
			return !m.SoftDeleted()
		}
	}
	return false
}

// revive adds the metadata that hides the old events and keeps every other key.
func (r *reference) revive(all []revival, now time.Time) {
	for _, v := range all {
		s := r.look(v.stream)
		var keys map[string]json.RawMessage
		if json.Unmarshal(s.metaData, &keys) != nil || keys == nil {
			keys = map[string]json.RawMessage{}
		}
		keys["$tb"] = json.RawMessage(fmt.Sprint(int64(v.before)))
		data, err := json.Marshal(keys)
		if err != nil {
			panic(err) // keys came out of valid JSON
		}
		r.add(cairn.MetadataStream(v.stream), cairn.Event{Type: cairn.TypeMetadata, Data: data}, now)
	}
}
