package fold

import (
	"maps"
	"slices"
	"strings"

	"github.com/cairndb/cairn"
)

// A Change is a value that differs between two states: a member that is no object,
// or an object without members.
type Change struct {
	Path     []string       // the names that lead to it
	Old, New string         // compact JSON; "" where there is none
	By       cairn.Revision // the event that made it what it is
}

// Kind is "added", "removed" or "changed".
func (c *Change) Kind() string {
	switch {
	case c.Old == "":
		return "added"
	case c.New == "":
		return "removed"
	}
	return "changed"
}

// Pointer writes a path as a JSON pointer (RFC 6901) does, which no two paths share.
func Pointer(path []string) string {
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	var b strings.Builder
	for _, name := range path {
		b.WriteByte('/')
		b.WriteString(escape.Replace(name))
	}
	return b.String()
}

// Diff says how a state became a later one, at most so many changes in the order of
// their names, and how many there are altogether. The later one must have come of
// a clone of the earlier.
func Diff(before, after *State, most int) (changes []Change, all int) {
	d := differ{most: most}
	d.compare(before.top(), after.top(), after.root.by)
	return d.changes, d.all
}

// top is the root as an object, also where nothing was merged.
func (s *State) top() *node {
	if !s.grown {
		return nil
	}
	return &s.root
}

type differ struct {
	path    []string
	changes []Change
	most    int
	all     int
}

// compare compares what is at the same path. The revision is that of whoever is to
// blame where the later state has not even a trace.
func (d *differ) compare(before, after *node, by cairn.Revision) {
	if after != nil {
		by = after.since()
	}
	if was, is := before.leaf(), after.leaf(); was != is {
		d.add(was, is, by)
	}
	for _, name := range names(before, after) {
		d.path = append(d.path, name)
		d.compare(before.field(name), after.field(name), by)
		d.path = d.path[:len(d.path)-1]
	}
}

func (d *differ) add(was, is string, by cairn.Revision) {
	if d.all++; len(d.changes) < d.most {
		d.changes = append(d.changes, Change{slices.Clone(d.path), was, is, by})
	}
}

// leaf is the text of a value that has no members, and "" of everything else.
func (n *node) leaf() string {
	if n == nil || n.gone {
		return ""
	}
	if n.fields == nil {
		return n.text
	}
	if n.empty() {
		return "{}"
	}
	return ""
}

func (n *node) empty() bool {
	for _, field := range n.fields {
		if !field.gone {
			return false
		}
	}
	return true
}

// since is who made a value what it is: of an empty object who removed its last
// member.
func (n *node) since() cairn.Revision {
	by := n.by
	if n.empty() {
		for _, field := range n.fields {
			by = max(by, field.by)
		}
	}
	return by
}

func (n *node) field(name string) *node {
	if n == nil {
		return nil
	}
	return n.fields[name]
}

// names are those of the members of either, in order.
func names(before, after *node) []string {
	all := map[string]bool{}
	for _, n := range []*node{before, after} {
		if n != nil {
			for name := range n.fields {
				all[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}
