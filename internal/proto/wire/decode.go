package wire

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// ErrMalformed is matched by every error of a decoder.
var ErrMalformed = errors.New("wire: malformed message")

// A parser goes through the fields of a message. Each call of next makes one
// the current field; fields that are not asked for are passed over.
type parser struct {
	rest   []byte
	number protowire.Number
	typ    protowire.Type
	value  uint64 // of a field of type varint
	body   []byte // of a field of type bytes
	err    error
}

// next goes on to the next field, if there is one and all was well so far.
func (p *parser) next() bool {
	if p.err != nil || len(p.rest) == 0 {
		return false
	}
	var n int
	p.number, p.typ, n = protowire.ConsumeTag(p.rest)
	if n < 0 {
		return p.fail("field", protowire.ParseError(n))
	}
	p.rest = p.rest[n:]
	switch p.typ {
	case protowire.VarintType:
		p.value, n = protowire.ConsumeVarint(p.rest)
	case protowire.BytesType:
		p.body, n = protowire.ConsumeBytes(p.rest)
	default:
		n = protowire.ConsumeFieldValue(p.number, p.typ, p.rest)
	}
	if n < 0 {
		return p.fail("value", protowire.ParseError(n))
	}
	p.rest = p.rest[n:]
	return true
}

func (p *parser) fail(what string, err error) bool {
	if p.err == nil {
		p.err = fmt.Errorf("%w: %s of field %d: %w", ErrMalformed, what, p.number, err)
	}
	return false
}

var (
	errType  = errors.New("wrong type")
	errID    = errors.New("an ID has 16 bytes")
	errRange = errors.New("out of range")
	errDeep  = errors.New("nested too deeply")
)

// bytes is the current field's bytes, which share the message's memory. They
// have no room behind them, so that appending to them leaves the message alone.
func (p *parser) bytes() []byte {
	if p.typ != protowire.BytesType {
		p.fail("value", errType)
		return nil
	}
	return p.body[:len(p.body):len(p.body)]
}

func (p *parser) text() string { return string(p.bytes()) }

func (p *parser) uint() uint64 {
	if p.typ != protowire.VarintType {
		p.fail("value", errType)
		return 0
	}
	return p.value
}

func (p *parser) signed() int64 { return protowire.DecodeZigZag(p.uint()) }

func (p *parser) flag() bool { return p.uint() != 0 }

// small is a number of a type that has one byte.
func (p *parser) small() uint8 {
	v := p.uint()
	if v > 255 {
		p.fail("value", errRange)
	}
	return uint8(v)
}

func (p *parser) id() (id [16]byte) {
	b := p.bytes()
	if len(b) != len(id) {
		p.fail("value", errID)
		return id
	}
	return [16]byte(b)
}

// list appends the current field's numbers, which may be packed.
func (p *parser) list(to []uint64) []uint64 {
	if p.typ == protowire.VarintType {
		return append(to, p.value)
	}
	for b := p.bytes(); len(b) > 0; {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			p.fail("value", protowire.ParseError(n))
			return to
		}
		to, b = append(to, v), b[n:]
	}
	return to
}

// take passes on the error of a nested message.
func (p *parser) take(err error) {
	if p.err == nil {
		p.err = err
	}
}
