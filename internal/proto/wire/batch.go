package wire

import (
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/cairndb/cairn"
)

// AppendBatch appends a batch in which every event has an ID: those without get
// one of the time now. made reports whether there were any. The batch itself does
// not change.
func AppendBatch(b []byte, batch *cairn.Batch, now time.Time) (_ []byte, made bool) {
	for i := range batch.Writes {
		var at int
		b, at = begin(b, 1)
		var some bool
		b, some = appendWrite(b, &batch.Writes[i], now)
		b, made = end(b, at), made || some
	}
	for i := range batch.Conditions {
		var at int
		b, at = begin(b, 2)
		b = end(appendCondition(b, &batch.Conditions[i]), at)
	}
	return appendText(b, 3, batch.Key), made
}

func appendWrite(b []byte, w *cairn.Write, now time.Time) (_ []byte, made bool) {
	b = appendText(b, 1, w.Stream)
	b = appendSigned(b, 2, int64(w.Expected))
	for i := range w.Events {
		e := &w.Events[i]
		var at int
		b, at = begin(b, 3)
		if e.ID.IsZero() {
			id := cairn.NewIDAt(now)
			b, made = appendBytes(b, 1, id[:]), true
		}
		b = end(appendEvent(b, e), at)
	}
	return appendNumber(b, 4, uint64(w.Delete)), made
}

func appendCondition(b []byte, c *cairn.Condition) []byte {
	b = appendText(b, 1, c.Stream)
	b = appendSigned(b, 2, int64(c.Expected))
	b = appendQuery(b, 3, c.Query)
	return appendNumber(b, 4, uint64(c.After))
}

// ParseBatch decodes a batch. The bytes of its events share the memory of b.
func ParseBatch(b []byte, names *Names) (batch cairn.Batch, err error) {
	p := parser{rest: b}
	for p.next() {
		switch p.number {
		case 1:
			names.count(&p)
			w, err := parseWrite(p.bytes(), names)
			p.take(err)
			batch.Writes = append(batch.Writes, w)
		case 2:
			names.count(&p)
			c, err := parseCondition(p.bytes(), names)
			p.take(err)
			batch.Conditions = append(batch.Conditions, c)
		case 3:
			batch.Key = p.text()
		}
	}
	return batch, p.err
}

func parseWrite(b []byte, names *Names) (w cairn.Write, err error) {
	p := parser{rest: b}
	for p.next() {
		switch p.number {
		case 1:
			w.Stream = names.of(p.bytes())
		case 2:
			w.Expected = cairn.Revision(p.signed())
		case 3:
			names.count(&p)
			w.Events = append(w.Events, cairn.Event{})
			p.take(parseEvent(p.bytes(), &w.Events[len(w.Events)-1], names))
		case 4:
			w.Delete = cairn.Deletion(p.small())
		}
	}
	return w, p.err
}

func parseCondition(b []byte, names *Names) (c cairn.Condition, err error) {
	p := parser{rest: b}
	for p.next() {
		switch p.number {
		case 1:
			c.Stream = p.text()
		case 2:
			c.Expected = cairn.Revision(p.signed())
		case 3:
			c.Query, err = parseQuery(p.bytes(), names)
			p.take(err)
		case 4:
			c.After = cairn.Position(p.uint())
		}
	}
	return c, p.err
}

// AppendSubmission appends, as a field of a CommitRequest, a batch that was
// encoded before.
func AppendSubmission(b []byte, number uint64, batch []byte) []byte {
	size := protowire.SizeTag(1) + protowire.SizeVarint(number) + protowire.SizeTag(2) + protowire.SizeBytes(len(batch))
	b = protowire.AppendVarint(protowire.AppendTag(b, 2, protowire.BytesType), uint64(size))
	return appendSubmission(b, number, batch)
}

func appendSubmission(b []byte, number uint64, batch []byte) []byte {
	b = protowire.AppendVarint(protowire.AppendTag(b, 1, protowire.VarintType), number)
	return protowire.AppendBytes(protowire.AppendTag(b, 2, protowire.BytesType), batch)
}
