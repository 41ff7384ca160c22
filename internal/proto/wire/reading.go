package wire

import (
	"iter"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/cairndb/cairn"
)

// A Begun says what is read.
type Begun struct {
	Store cairn.ID
	Head  cairn.Position
}

// An ItemKind says what an Item is.
type ItemKind uint8

// The kinds of items.
const (
	Event ItemKind = iota
	CaughtUp
	Progress
)

// An Item is an event, or what is told between events.
type Item struct {
	Kind  ItemKind
	Event cairn.Recorded
	At    int64 // the position or revision that is told
}

// A Reading is a ReadResponse.
type Reading struct {
	Begun *Begun
	Items []Item
}

// AppendBegun appends the field that says what is read.
func AppendBegun(b []byte, begun Begun) []byte {
	b, at := begin(b, 1)
	return end(appendNumber(appendBytes(b, 1, begun.Store[:]), 2, uint64(begun.Head)), at)
}

// AppendItem appends an event as a field.
func AppendItem(b []byte, e *cairn.Recorded) []byte {
	b, at := begin(b, 2)
	b, inner := begin(b, 1)
	return end(end(appendRecorded(b, e), inner), at)
}

// AppendCaughtUp appends, as a field, that all there is was sent.
func AppendCaughtUp(b []byte, at int64) []byte {
	b, outer := begin(b, 2)
	b = protowire.AppendVarint(protowire.AppendTag(b, 2, protowire.VarintType), protowire.EncodeZigZag(at))
	return end(b, outer)
}

// AppendProgress appends, as a field, that all that matches was sent up to p.
func AppendProgress(b []byte, p cairn.Position) []byte {
	b, outer := begin(b, 2)
	b = protowire.AppendVarint(protowire.AppendTag(b, 3, protowire.VarintType), uint64(p))
	return end(b, outer)
}

// ReadingFragments are the ReadResponses that carry a long item, which was
// appended as a field.
func ReadingFragments(field []byte) iter.Seq[[]byte] { return fragments(3, bodyOf(field)) }

// A ReadingParser decodes the ReadResponses of one stream.
type ReadingParser struct {
	names    Names
	assembly Assembly
}

// Parse decodes a message into r, whose list of items it uses again. The events'
// bytes share one allocation of their own.
func (d *ReadingParser) Parse(b []byte, r *Reading) error {
	b = slices.Clone(b)
	clear(r.Items)
	*r = Reading{Items: r.Items[:0]}
	p := parser{rest: b}
	for p.next() {
		switch p.number {
		case 1:
			begun, err := parseBegun(p.bytes())
			p.take(err)
			r.Begun = begun
		case 2:
			p.take(d.item(p.bytes(), r))
		case 3:
			d.assembly.limit = maxWhole
			whole, err := d.assembly.add(p.bytes())
			if p.take(err); whole != nil {
				p.take(d.item(whole, r))
			}
		}
	}
	return p.err
}

func parseBegun(b []byte) (*Begun, error) {
	begun := &Begun{}
	p := parser{rest: b}
	for p.next() {
		switch p.number {
		case 1:
			begun.Store = p.id()
		case 2:
			begun.Head = cairn.Position(p.uint())
		}
	}
	return begun, p.err
}

func (d *ReadingParser) item(b []byte, r *Reading) error {
	r.Items = append(r.Items, Item{})
	it := &r.Items[len(r.Items)-1]
	p := parser{rest: b}
	for p.next() {
		switch p.number {
		case 1:
			it.Kind = Event
			p.take(parseRecorded(p.bytes(), &it.Event, &d.names))
		case 2:
			it.Kind, it.At = CaughtUp, p.signed()
		case 3:
			it.Kind, it.At = Progress, int64(p.uint())
		}
	}
	return p.err
}
