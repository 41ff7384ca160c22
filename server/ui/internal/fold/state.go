package fold

import (
	"maps"

	"github.com/cairndb/cairn"
)

// MaxSize is how large a state may be, in bytes: as many as its names and values
// have. One event may have as many.
const MaxSize = 1 << 20

// A State is what the events merged so far amount to. The zero State is the empty
// object. A State must not be used concurrently.
type State struct {
	root  node
	size  int
	grown bool // the root is an object that somebody wrote
}

// A node is a value within a state. What is removed leaves one behind, so that the
// state knows who removed it.
type node struct {
	by     cairn.Revision   // who wrote it, made it an object or removed it
	text   string           // compact JSON, unless it is an object or gone
	fields map[string]*node // nil if it is no object
	gone   bool
}

// Size is how many bytes the names and values have.
func (s *State) Size() int { return s.size }

// Clone is a copy that later merges do not change.
func (s *State) Clone() *State { return &State{*s.root.clone(), s.size, s.grown} }

func (n *node) clone() *node {
	c := *n
	c.fields = maps.Clone(n.fields)
	for name, field := range c.fields {
		c.fields[name] = field.clone()
	}
	return &c
}

// weight is how many bytes the names and values of a node have.
func (n *node) weight() int {
	size := len(n.text)
	for name, field := range n.fields {
		if !field.gone {
			size += len(name) + field.weight()
		}
	}
	return size
}
