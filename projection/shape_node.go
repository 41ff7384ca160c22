package projection

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/cairndb/cairn"
)

// kinds are the kinds of JSON values that were seen in one place.
type kinds uint8

const (
	kindNull kinds = 1 << iota
	kindBoolean
	kindInteger
	kindNumber
	kindString
	kindArray
	kindObject
	kindMore // there is more than a shape can hold
)

// The names of the kinds that have no parts.
var kindNames = [...]string{"null", "boolean", "integer", "number", "string"}

// A node is a place in a shape. The nil node notes nothing.
type node struct {
	kinds   kinds
	members map[string]*node
	items   *node
	many    bool // the members are those of a map, all under anyKey
}

// anyKey stands for all keys of a map.
const anyKey = "*"

func (n *node) see(k kinds) {
	if n != nil {
		n.kinds |= k
	}
}

// item is where the items of an array are noted.
func (n *node) item(s *shaper) *node {
	if n == nil {
		return nil
	}
	if n.items == nil {
		n.items = s.node()
	}
	if n.items == nil {
		n.see(kindMore)
	}
	return n.items
}

// member is where a member of an object is noted.
func (n *node) member(key string, s *shaper) *node {
	if n == nil {
		return nil
	}
	if n.many || isData(key) {
		key = anyKey
	}
	if n.members[key] == nil {
		n.add(key, s)
	}
	if n.many {
		key = anyKey
	}
	return n.members[key]
}

func (n *node) add(key string, s *shaper) {
	fresh := s.node()
	if fresh == nil {
		n.see(kindMore)
		return
	}
	if n.members == nil {
		n.members = map[string]*node{}
	}
	n.members[key] = fresh
	if len(n.members) > mostKeys {
		n.collapse()
	}
}

// collapse makes one of all members.
func (n *node) collapse() {
	one := &node{}
	for _, m := range n.members {
		one.merge(m)
	}
	n.members, n.many = map[string]*node{anyKey: one}, true
}

// merge adds what another node has seen.
func (n *node) merge(o *node) {
	n.kinds |= o.kinds
	if o.items != nil {
		if n.items == nil {
			n.items = &node{}
		}
		n.items.merge(o.items)
	}
	for key, m := range o.members {
		if n.members == nil {
			n.members = map[string]*node{}
		}
		if n.members[key] == nil {
			n.members[key] = &node{}
		}
		n.members[key].merge(m)
	}
	n.many = n.many || o.many
	if !n.many && len(n.members) > mostKeys || n.many && len(n.members) > 1 {
		n.collapse()
	}
}

// text writes a node.
func (n *node) text() string {
	var parts []string
	for i, name := range kindNames {
		if n.kinds&(1<<i) != 0 {
			parts = append(parts, name)
		}
	}
	if n.kinds&kindArray != 0 {
		parts = append(parts, "["+n.itemText()+"]")
	}
	if n.kinds&kindObject != 0 {
		parts = append(parts, "{"+n.memberText()+"}")
	}
	if n.kinds&kindMore != 0 {
		parts = append(parts, "…")
	}
	return strings.Join(parts, "|")
}

func (n *node) itemText() string {
	if n.items == nil {
		return ""
	}
	return n.items.text()
}

func (n *node) memberText() string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(n.members)) {
		parts = append(parts, keyText(key)+":"+n.members[key].text())
	}
	return strings.Join(parts, ", ")
}

// keyText quotes a key that could be taken for something else.
func keyText(key string) string {
	odd := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-.$@#/", r)
	}
	if key != anyKey && (key == "" || strings.ContainsFunc(key, odd)) {
		return strconv.Quote(key)
	}
	return key
}

// isData reports whether a key looks like a value: it is long, holds no letter, or
// is an ID.
func isData(key string) bool {
	if len(key) > 64 || !strings.ContainsFunc(key, unicode.IsLetter) {
		return true
	}
	_, err := cairn.ParseID(key)
	return err == nil || len(key) >= 16 && strings.Trim(key, "0123456789abcdefABCDEF") == ""
}
