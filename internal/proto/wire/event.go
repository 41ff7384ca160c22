package wire

import (
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/cairndb/cairn"
)

// appendEvent appends the fields of an event.
func appendEvent(b []byte, e *cairn.Event) []byte {
	if !e.ID.IsZero() {
		b = appendBytes(b, 1, e.ID[:])
	}
	b = appendText(b, 2, e.Type)
	b = appendBytes(b, 3, e.Data)
	b = appendBytes(b, 4, e.Metadata)
	b = appendNumber(b, 5, uint64(e.Format))
	for _, tag := range e.Tags {
		b = protowire.AppendString(protowire.AppendTag(b, 6, protowire.BytesType), tag)
	}
	if !e.Time.IsZero() {
		b = protowire.AppendTag(b, 7, protowire.VarintType)
		b = protowire.AppendVarint(b, protowire.EncodeZigZag(e.Time.UnixNano()))
	}
	return b
}

// parseEvent decodes an event whose bytes share the memory of b.
func parseEvent(b []byte, e *cairn.Event, names *Names) error {
	p := parser{rest: b}
	for p.next() {
		switch p.number {
		case 1:
			e.ID = p.id()
		case 2:
			e.Type = names.of(p.bytes())
		case 3:
			e.Data = p.bytes()
		case 4:
			e.Metadata = p.bytes()
		case 5:
			e.Format = cairn.Format(p.small())
		case 6:
			if len(e.Tags) <= cairn.MaxTags { // one too many is enough to be refused
				e.Tags = append(e.Tags, p.text())
			}
		case 7:
			e.Time = time.Unix(0, p.signed()).UTC()
		}
	}
	return p.err
}

// appendRecorded appends the fields of an event as it is stored.
func appendRecorded(b []byte, e *cairn.Recorded) []byte {
	b = appendText(b, 1, e.Stream)
	b = appendNumber(b, 2, uint64(e.Revision))
	b = appendNumber(b, 3, uint64(e.Position))
	b, at := begin(b, 4)
	return end(appendEvent(b, &e.Event), at)
}

func parseRecorded(b []byte, e *cairn.Recorded, names *Names) error {
	p := parser{rest: b}
	for p.next() {
		switch p.number {
		case 1:
			e.Stream = names.of(p.bytes())
		case 2:
			e.Revision = cairn.Revision(p.uint())
		case 3:
			e.Position = cairn.Position(p.uint())
		case 4:
			p.take(parseEvent(p.bytes(), &e.Event, names))
		}
	}
	return p.err
}
