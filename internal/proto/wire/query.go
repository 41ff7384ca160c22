package wire

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/cairnv1"
)

// appendQuery appends a query as a field, unless it is nil.
func appendQuery(b []byte, n protowire.Number, q cairn.Query) []byte {
	if q == nil {
		return b
	}
	b, at := begin(b, n)
	for i := range q {
		f := &q[i]
		var inner int
		b, inner = begin(b, 1)
		for k, list := range [...][]string{f.Types, f.Categories, f.Streams, f.Prefixes, f.Tags} {
			for _, s := range list {
				b = protowire.AppendString(protowire.AppendTag(b, protowire.Number(k+1), protowire.BytesType), s)
			}
		}
		b = end(appendFlag(b, 6, f.First), inner)
	}
	return end(b, at)
}

func parseQuery(b []byte, names *Names) (cairn.Query, error) {
	q := cairn.Query{}
	p := parser{rest: b}
	for p.next() {
		if p.number != 1 {
			continue
		}
		names.countFilter(&p)
		f, err := parseFilter(p.bytes())
		p.take(err)
		q = append(q, f)
	}
	return q, p.err
}

func parseFilter(b []byte) (f cairn.Filter, err error) {
	lists := [...]*[]string{&f.Types, &f.Categories, &f.Streams, &f.Prefixes, &f.Tags}
	p := parser{rest: b}
	for p.next() {
		switch {
		case p.number <= 5:
			list := lists[p.number-1]
			*list = append(*list, p.text())
		case p.number == 6:
			f.First = p.flag()
		}
	}
	return f, p.err
}

// FromQuery makes a message of a query; nil of a nil one.
func FromQuery(q cairn.Query) *cairnv1.Query {
	if q == nil {
		return nil
	}
	m := &cairnv1.Query{}
	for _, f := range q {
		m.Filters = append(m.Filters, &cairnv1.Filter{
			Types: f.Types, Categories: f.Categories, Streams: f.Streams, Prefixes: f.Prefixes, Tags: f.Tags, First: f.First,
		})
	}
	return m
}

// ToQuery makes a query of a message; nil of none.
func ToQuery(m *cairnv1.Query) cairn.Query {
	if m == nil {
		return nil
	}
	q := cairn.Query{}
	for _, f := range m.Filters {
		q = append(q, cairn.Filter{
			Types: f.Types, Categories: f.Categories, Streams: f.Streams, Prefixes: f.Prefixes, Tags: f.Tags, First: f.First,
		})
	}
	return q
}
