package fold

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/cairndb/cairn"
)

// A Line is one of a state's JSON, indented by two spaces a level.
type Line struct {
	Text string
	By   cairn.Revision // the event that wrote what is on it
}

// indented is up to which size a value without members of its own is spread over
// lines; longer ones are a line of their own.
const indented = 4 << 10

// Lines writes a state as JSON, as many lines as asked for. More says that there are
// others.
func (s *State) Lines(most int) (lines []Line, more bool) {
	w := writer{most: most}
	root := s.top()
	if root == nil {
		root = &node{by: cairn.NoStream, fields: map[string]*node{}}
	}
	w.node(root, "", "")
	return w.lines[:min(len(w.lines), most)], len(w.lines) > most
}

type writer struct {
	lines []Line
	most  int
	depth int
}

// line adds a line, with one more than are wanted to know that there is one.
func (w *writer) line(text string, by cairn.Revision) {
	if !w.full() {
		w.lines = append(w.lines, Line{strings.Repeat("  ", w.depth) + text, by})
	}
}

func (w *writer) full() bool { return len(w.lines) > w.most }

// node writes a value between what comes before and after it on its lines.
func (w *writer) node(n *node, before, after string) {
	if leaf := n.leaf(); leaf != "" {
		w.leaf(leaf, n.since(), before, after)
		return
	}
	w.line(before+"{", n.by)
	w.depth++
	live := n.live()
	for i, name := range live {
		if w.full() {
			return
		}
		comma := ","
		if i == len(live)-1 {
			comma = ""
		}
		w.node(n.fields[name], textOf(name)+": ", comma)
	}
	w.depth--
	w.line("}"+after, n.by)
}

func (w *writer) leaf(text string, by cairn.Revision, before, after string) {
	var b bytes.Buffer
	if len(text) <= indented && json.Indent(&b, []byte(text), strings.Repeat("  ", w.depth), "  ") == nil {
		text = b.String()
	}
	// All but the first line are indented already.
	first, rest, several := strings.Cut(before+text+after, "\n")
	w.line(first, by)
	if several {
		depth := w.depth
		w.depth = 0
		for line := range strings.SplitSeq(rest, "\n") {
			w.line(line, by)
		}
		w.depth = depth
	}
}

// live are the names of the members that are not gone, in order.
func (n *node) live() []string {
	var all []string
	for name, field := range n.fields {
		if !field.gone {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}
