package declared

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A reader reads the nodes of a file, and keeps what is wrong with them.
type reader struct {
	file string
	errs []error
}

// wrong notes that something is not as expected.
func (r *reader) wrong(n *yaml.Node, format string, args ...any) {
	r.errs = append(r.errs, &Error{File: r.file, Line: n.Line, Column: n.Column, Problem: fmt.Sprintf(format, args...)})
}

// A field reads the value of a member of a mapping.
type field func(n *yaml.Node)

// members reads a mapping whose members are known. Those required must be there.
func (r *reader) members(n *yaml.Node, what string, fields map[string]field, required ...string) {
	seen := map[string]bool{}
	for name, value := range r.pairs(n, what) {
		read, ok := fields[name.Value]
		if !ok {
			r.wrong(name, "%s has no %q; expected one of %s", what, name.Value, strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
			continue
		}
		seen[name.Value] = true
		read(value)
	}
	for _, name := range required {
		if n.Kind == yaml.MappingNode && !seen[name] {
			r.wrong(n, "%s needs %q", what, name)
		}
	}
}

// pairs yields the members of a mapping, in order.
func (r *reader) pairs(n *yaml.Node, what string) func(func(name, value *yaml.Node) bool) {
	return func(yield func(name, value *yaml.Node) bool) {
		n = resolved(n)
		if n.Kind != yaml.MappingNode {
			r.wrong(n, "%s must be a mapping (name: value), not %s", what, kind(n))
			return
		}
		seen := map[string]bool{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i]
			if seen[name.Value] {
				r.wrong(name, "%s has %q twice", what, name.Value)
				continue
			}
			seen[name.Value] = true
			if !yield(name, resolved(n.Content[i+1])) {
				return
			}
		}
	}
}

// items yields the items of a list. A single value counts as a list of it.
func (r *reader) items(n *yaml.Node, what string) []*yaml.Node {
	n = resolved(n)
	switch n.Kind {
	case yaml.SequenceNode:
		return n.Content
	case yaml.ScalarNode:
		return []*yaml.Node{n}
	}
	r.wrong(n, "%s must be a list, not %s", what, kind(n))
	return nil
}

// texts reads a list of texts.
func (r *reader) texts(n *yaml.Node, what string) []string {
	var list []string
	for _, item := range r.items(n, what) {
		if s := r.text(item, what); s != "" {
			list = append(list, s)
		}
	}
	if len(list) == 0 && len(r.errs) == 0 {
		r.wrong(n, "%s must not be empty", what)
	}
	return list
}

// text reads a text that is not empty.
func (r *reader) text(n *yaml.Node, what string) string {
	n = resolved(n)
	if n.Kind != yaml.ScalarNode || n.Value == "" || n.Tag == "!!null" {
		r.wrong(n, "%s must be a text, not %s", what, kind(n))
		return ""
	}
	return n.Value
}

// integer reads a number between bounds.
func (r *reader) integer(n *yaml.Node, what string, least, most int) int {
	var v int
	if err := n.Decode(&v); err != nil || v < least || v > most {
		r.wrong(n, "%s must be a whole number from %d to %d, not %s", what, least, most, kind(n))
	}
	return v
}

// kind says what a node is, to somebody who expected something else.
func kind(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null" || n.Value == "":
		return "nothing"
	}
	return fmt.Sprintf("%q", n.Value)
}

// resolved follows an alias.
func resolved(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func (r *reader) err() error { return errors.Join(r.errs...) }
