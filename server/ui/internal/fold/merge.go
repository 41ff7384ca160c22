package fold

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/cairndb/cairn"
)

// MaxDepth is how many levels of objects and arrays an event's data may have.
const MaxDepth = 64

// Why data is not merged.
var (
	ErrNoObject = errors.New("its data is not a JSON object")
	ErrTooDeep  = errors.New("its data is nested more than 64 levels deep")
	ErrTooLarge = errors.New("its data has more than 1 MiB")
)

// Merge merges the data of the event at a revision into the state. After an error,
// which is one of those above, the state is as it was.
func (s *State) Merge(data []byte, by cairn.Revision) error {
	if len(data) > MaxSize {
		return ErrTooLarge
	}
	patch, err := parse(data)
	if err != nil {
		return err
	}
	if !s.grown {
		s.grown, s.root = true, node{by: by, fields: map[string]*node{}}
	}
	s.put(&s.root, patch, by)
	return nil
}

// parse reads an object, with numbers as they are written.
func parse(data []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil, ErrNoObject
	}
	object, ok := v.(map[string]any)
	if _, err := d.Token(); !ok || err != io.EOF {
		return nil, ErrNoObject
	}
	if deeper(v, MaxDepth) {
		return nil, ErrTooDeep
	}
	return object, nil
}

// deeper reports whether a value has more than some levels.
func deeper(v any, levels int) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, field := range v {
			if deeper(field, levels-1) {
				return true
			}
		}
		return levels <= 0
	case []any:
		for _, item := range v {
			if deeper(item, levels-1) {
				return true
			}
		}
		return levels <= 0
	}
	return false
}

// put makes a node what a patch says.
func (s *State) put(n *node, patch any, by cairn.Revision) {
	object, ok := patch.(map[string]any)
	if !ok {
		if text := textOf(patch); n.fields != nil || n.gone || n.text != text {
			s.replace(n, node{by: by, text: text})
		}
		return
	}
	if n.fields == nil {
		s.replace(n, node{by: by, fields: map[string]*node{}})
	}
	for name, v := range object {
		s.putField(n, name, v, by)
	}
}

func (s *State) putField(n *node, name string, v any, by cairn.Revision) {
	field := n.fields[name]
	there := field != nil && !field.gone
	if v == nil {
		if there {
			s.replace(field, node{by: by, gone: true})
			s.size -= len(name)
		}
		return
	}
	if field == nil {
		field = &node{gone: true}
		n.fields[name] = field
	}
	if !there {
		s.size += len(name)
	}
	s.put(field, v, by)
}

// replace puts one node in the place of another.
func (s *State) replace(n *node, with node) {
	s.size += len(with.text) - n.weight()
	*n = with
}

// textOf is a value as compact JSON, the members of objects in order.
func textOf(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return "null" // it was just read from JSON, so this cannot be
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}
