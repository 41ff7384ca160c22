package disk

import (
	"bytes"
	"maps"
	"slices"
	"sync"

	"github.com/cairndb/cairn"
)

// descriptions are the metadata that was asked for lately, parsed, by the
// position of the event that holds it: what is there never changes. Whoever
// checks what callers may do asks with each call.
type descriptions struct {
	mu     sync.Mutex
	parsed *cache[cairn.Position, cairn.StreamMetadata]
}

const (
	keptDescriptions = 1 << 10 // of a generation
	longDescription  = 4 << 10 // bytes from which one is not kept
)

func newDescriptions() *descriptions {
	return &descriptions{parsed: newCache[cairn.Position, cairn.StreamMetadata](keptDescriptions)}
}

// get returns a copy, which is the caller's.
func (d *descriptions) get(p cairn.Position) (m cairn.StreamMetadata, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	m, ok = d.parsed.get(p)
	d.parsed.turn()
	return copyMetadata(m), ok
}

// put keeps a copy of what was parsed from n bytes, unless it is long.
func (d *descriptions) put(p cairn.Position, m cairn.StreamMetadata, n int) {
	if n >= longDescription {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.parsed.put(p, copyMetadata(m))
	d.parsed.turn()
}

func copyMetadata(m cairn.StreamMetadata) cairn.StreamMetadata {
	if a := m.ACL; a != nil {
		acl := *a
		for _, list := range []*[]string{&acl.Read, &acl.Write, &acl.Delete, &acl.MetaRead, &acl.MetaWrite} {
			*list = slices.Clone(*list)
		}
		m.ACL = &acl
	}
	m.Custom = maps.Clone(m.Custom)
	for key, value := range m.Custom {
		m.Custom[key] = bytes.Clone(value)
	}
	return m
}

// metadata is the metadata that a record tells of, which is the caller's.
func (s *Store) metadata(r *record) (cairn.StreamMetadata, error) {
	at := r.metadata.Position
	if at == 0 {
		return cairn.StreamMetadata{}, nil
	}
	if m, ok := s.descriptions.get(at); ok {
		return m, nil
	}
	raw, err := s.metadataAt(r)
	if err != nil {
		return cairn.StreamMetadata{}, err
	}
	m := cairn.ParseStreamMetadata(raw)
	s.descriptions.put(at, m, len(raw))
	return m, nil
}
