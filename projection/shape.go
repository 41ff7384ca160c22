package projection

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/cairndb/cairn"
)

// The limits of a shape. What is beyond is written as "…".
const (
	deepest   = 24      // levels of nesting
	mostNodes = 512     // values that are told apart
	mostKeys  = 64      // members of an object; with more it is taken for a map
	mostShape = 4 << 10 // bytes of its text
)

// Shapes of what has none.
const (
	shapeNothing = "nothing"
	shapeNotJSON = "not JSON"
)

// shapeOf says what the data of an event look like, without the values: which
// members of which kinds there are.
//
//	{account:string, lines:[{cents:integer, text:string|null}]}
//
// All items of an array are one. So are the members of an object whose keys are
// data themselves, as in a map from account to amount: they are written as "*".
// Of a format other than JSON only the name is known.
func shapeOf(e *cairn.Event) string {
	switch {
	case e.Format != cairn.JSON:
		return e.Format.String()
	case len(bytes.TrimSpace(e.Data)) == 0:
		return shapeNothing
	case !json.Valid(e.Data):
		return shapeNotJSON
	}
	s := shaper{dec: json.NewDecoder(bytes.NewReader(e.Data)), left: mostNodes}
	s.dec.UseNumber()
	root := s.node()
	s.take(root, 0)
	return shortened(root.text())
}

// A shaper takes a JSON text apart that is known to be valid.
type shaper struct {
	dec  *json.Decoder
	left int // how many nodes there may still be
}

// node is a new one, or nil if there are too many.
func (s *shaper) node() *node {
	if s.left == 0 {
		return nil
	}
	s.left--
	return &node{}
}

// take notes the next value. What there is no node for is read and forgotten.
func (s *shaper) take(n *node, depth int) {
	if depth >= deepest {
		n.see(kindMore)
		n = nil
	}
	token, _ := s.dec.Token()
	switch token {
	case json.Delim('{'):
		n.see(kindObject)
		for s.dec.More() {
			key, _ := s.dec.Token()
			s.take(n.member(key.(string), s), depth+1)
		}
		_, _ = s.dec.Token()
	case json.Delim('['):
		n.see(kindArray)
		for s.dec.More() {
			s.take(n.item(s), depth+1)
		}
		_, _ = s.dec.Token()
	default:
		n.see(kindOf(token))
	}
}

func kindOf(token any) kinds {
	switch v := token.(type) {
	case bool:
		return kindBoolean
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return kindNumber
		}
		return kindInteger
	case string:
		return kindString
	}
	return kindNull
}

// shortened bounds a text, and keeps it different from others.
func shortened(s string) string {
	if len(s) <= mostShape {
		return s
	}
	return strings.ToValidUTF8(s[:mostShape], "") + "… " + digest(s)
}
