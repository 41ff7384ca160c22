package kurrent

import (
	"bytes"
	"encoding/json"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/kurrentv2"
)

// formats are the formats of the second protocol and what they are called in
// metadata.
var formats = map[kurrentv2.SchemaFormat]struct {
	format cairn.Format
	name   string
}{
	kurrentv2.SchemaFormat_SCHEMA_FORMAT_JSON:     {cairn.JSON, "Json"},
	kurrentv2.SchemaFormat_SCHEMA_FORMAT_PROTOBUF: {cairn.Protobuf, "Protobuf"},
	kurrentv2.SchemaFormat_SCHEMA_FORMAT_AVRO:     {cairn.Avro, "Avro"},
	kurrentv2.SchemaFormat_SCHEMA_FORMAT_BYTES:    {cairn.Binary, "Bytes"},
}

// recordEvent is the event that a record is stored as. The record is valid.
func recordEvent(r *kurrentv2.AppendRecord) cairn.Event {
	id, _ := cairn.ParseID(r.GetRecordId()) // absent: the store makes one
	return cairn.Event{
		ID:       id,
		Type:     r.GetSchema().GetName(),
		Data:     r.GetData(),
		Metadata: recordMetadata(r),
		Format:   formats[r.GetSchema().GetFormat()].format,
	}
}

// recordMetadata is the record's properties and schema as one JSON object, which
// is how clients of the first protocol read them.
func recordMetadata(r *kurrentv2.AppendRecord) []byte {
	all := make(map[string]any, len(r.GetProperties())+3)
	for key, value := range r.GetProperties() {
		all[key] = value.AsInterface()
	}
	s := r.GetSchema()
	all["$schema.name"] = s.GetName()
	all["$schema.format"] = formats[s.GetFormat()].name
	if s.Id != nil {
		all["$schema.id"] = s.GetId()
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(all) // of what is valid: it cannot fail
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// recordSize is what a record counts against the limits.
func recordSize(r *kurrentv2.AppendRecord) int {
	return len(r.GetData()) + len(r.GetSchema().GetName()) + proto.Size(&structpb.Struct{Fields: r.GetProperties()})
}

// A tally adds up the sizes of an append's records.
type tally struct {
	maxRecord, maxAppend int
	size, records        int
}

func (s *Service) tally() tally {
	return tally{maxRecord: s.opts.MaxAppendEventSize, maxAppend: s.opts.MaxAppendSize}
}

// add counts a record, and fails if it or the append is too large.
func (t *tally) add(stream string, r *kurrentv2.AppendRecord) error {
	n := recordSize(r)
	t.size += n
	t.records++
	switch {
	case n > t.maxRecord:
		return v2RecordTooLarge(stream, r.GetRecordId(), n, t.maxRecord)
	case t.size > t.maxAppend:
		return v2AppendTooLarge(t.size, t.maxAppend)
	case t.records > cairn.MaxBatchEvents:
		var c complaints
		c.add("records", "there are more than %d", cairn.MaxBatchEvents)
		return c.err()
	}
	return nil
}
