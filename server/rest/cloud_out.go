package rest

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/ndjson"
)

// mediaTypes are those of the formats, where the event does not say.
var mediaTypes = [...]string{
	cairn.JSON: jsonType, cairn.Binary: "application/octet-stream",
	cairn.Protobuf: "application/protobuf", cairn.Avro: "application/avro",
}

// appendCloud writes an event as a CloudEvent: what it came with, if it came as
// one, else what can be said.
func appendCloud(dst []byte, e *cairn.Recorded) []byte {
	a := keptAttributes(e.Metadata)
	text := func(name, value string) {
		if a[name] == nil {
			a[name] = ndjson.AppendText(nil, value)
		}
	}
	text("specversion", "1.0")
	text("id", e.ID.String())
	text("type", e.Type)
	text("source", streamPath(e.Stream))
	text("time", e.Time.UTC().Format(time.RFC3339Nano))
	text(extStream, e.Stream)
	text(extRevision, strconv.FormatInt(int64(e.Revision), 10))
	text(extPosition, strconv.FormatUint(uint64(e.Position), 10))
	if len(e.Data) > 0 {
		text("datacontenttype", mediaTypes[e.Format])
	}
	if len(e.Tags) > 0 {
		text(extTags, string(mustJSON(e.Tags)))
	}
	dst = append(dst, '{')
	for _, name := range slices.Sorted(maps.Keys(a)) {
		dst = append(ndjson.AppendText(dst, name), ':')
		dst = append(append(dst, a[name]...), ',')
	}
	return append(appendCloudData(dst[:len(dst)-1], e), '}')
}

func appendCloudData(dst []byte, e *cairn.Recorded) []byte {
	switch {
	case len(e.Data) == 0:
		return dst
	case e.Format == cairn.JSON && json.Valid(e.Data):
		return append(append(dst, `,"data":`...), e.Data...)
	}
	dst = base64.StdEncoding.AppendEncode(append(dst, `,"data_base64":"`...), e.Data)
	return append(dst, '"')
}

// keptAttributes are those that the event came with. What is not theirs to say,
// or would make the event invalid, is left out: anybody can write metadata.
func keptAttributes(metadata []byte) attributes {
	a := attributes{}
	_ = ndjson.Members(metadata, func(key string, value []byte) error {
		if key != cloudKey {
			return nil
		}
		return ndjson.Members(value, func(name string, v []byte) error {
			switch name {
			case "specversion", "type", "data", "data_base64", extStream, extRevision, extPosition, extTags:
			default:
				_ = a.set(name, v)
			}
			return nil
		})
	})
	return a
}
