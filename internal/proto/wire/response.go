package wire

import (
	"iter"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/cairndb/cairn"
)

// A Hello says who answers.
type Hello struct {
	Store  cairn.ID
	Head   cairn.Position
	Memory cairn.ID // of the session; another one than before remembers nothing
}

// An Outcome is what became of the batch of that number.
type Outcome struct {
	Number uint64
	cairn.Outcome
}

// A Response is a CommitResponse.
type Response struct {
	Hello    *Hello
	Outcomes []Outcome
	Drained  bool
}

// AppendHello appends the field that says who answers.
func AppendHello(b []byte, h Hello) []byte {
	b, at := begin(b, 1)
	b = appendBytes(b, 1, h.Store[:])
	b = appendNumber(b, 2, uint64(h.Head))
	return end(appendBytes(b, 3, h.Memory[:]), at)
}

// AppendOutcome appends an outcome as a field.
func AppendOutcome(b []byte, number uint64, o *cairn.Outcome) []byte {
	b, at := begin(b, 2)
	b = appendNumber(b, 1, number)
	if o.Err != nil {
		b, inner := begin(b, 5)
		return end(end(AppendError(b, o.Err), inner), at)
	}
	if len(o.Revisions) > 0 {
		var inner int
		b, inner = begin(b, 2)
		for _, r := range o.Revisions {
			b = protowire.AppendVarint(b, protowire.EncodeZigZag(int64(r)))
		}
		b = end(b, inner)
	}
	b = appendNumber(b, 3, uint64(o.Position))
	return end(appendFlag(b, 4, o.Duplicate), at)
}

// AppendDrained appends the field of the last response.
func AppendDrained(b []byte) []byte { return appendFlag(b, 4, true) }

// ResponseFragments are the CommitResponses that carry a long outcome, which was
// appended as a field.
func ResponseFragments(field []byte) iter.Seq[[]byte] { return fragments(3, bodyOf(field)) }

// bodyOf is the message in a field.
func bodyOf(field []byte) []byte {
	_, _, n := protowire.ConsumeTag(field)
	body, _ := protowire.ConsumeBytes(field[max(n, 0):])
	return body
}

// A ResponseParser decodes the CommitResponses of one stream.
type ResponseParser struct {
	names    Names
	assembly Assembly
}

// Parse decodes a message into r, whose memory it uses again. Nothing in its
// outcomes shares the memory of b.
func (d *ResponseParser) Parse(b []byte, r *Response) error {
	*r = Response{Outcomes: r.Outcomes[:0]}
	p := parser{rest: b}
	for p.next() {
		switch p.number {
		case 1:
			h, err := parseHello(p.bytes())
			p.take(err)
			r.Hello = h
		case 2:
			p.take(d.outcome(p.bytes(), r))
		case 3:
			d.assembly.limit = maxWhole
			whole, err := d.assembly.add(p.bytes())
			if p.take(err); whole != nil {
				p.take(d.outcome(whole, r))
			}
		case 4:
			r.Drained = p.flag()
		}
	}
	return p.err
}

func parseHello(b []byte) (*Hello, error) {
	h := &Hello{}
	p := parser{rest: b}
	for p.next() {
		switch p.number {
		case 1:
			h.Store = p.id()
		case 2:
			h.Head = cairn.Position(p.uint())
		case 3:
			h.Memory = p.id()
		}
	}
	return h, p.err
}

func (d *ResponseParser) outcome(b []byte, r *Response) error {
	var o Outcome
	p := parser{rest: b}
	for p.next() {
		switch p.number {
		case 1:
			o.Number = p.uint()
		case 2:
			o.Revisions = parseRevisions(&p, o.Revisions)
		case 3:
			o.Position = cairn.Position(p.uint())
		case 4:
			o.Duplicate = p.flag()
		case 5:
			refusal, malformed := ParseError(slices.Clone(p.bytes()), &d.names)
			p.take(malformed)
			o.Err = refusal
		}
	}
	r.Outcomes = append(r.Outcomes, o)
	return p.err
}

func parseRevisions(p *parser, to []cairn.Revision) []cairn.Revision {
	var short [8]uint64
	list := p.list(short[:0])
	to = slices.Grow(to, len(list))
	for _, v := range list {
		to = append(to, cairn.Revision(protowire.DecodeZigZag(v)))
	}
	return to
}
