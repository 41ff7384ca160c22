package disk

import (
	"slices"
	"strings"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/index"
)

// A span is the part (after, through] of the log, to be read in one direction.
type span struct {
	after, through cairn.Position
	backward       bool
}

// everything reports whether some filter has no criterion, so that the query
// selects every event.
func everything(q cairn.Query) bool {
	return q == nil || slices.ContainsFunc(q, func(f cairn.Filter) bool {
		return f.Types == nil && f.Categories == nil && f.Streams == nil && f.Prefixes == nil && len(f.Tags) == 0 && !f.First
	})
}

// candidates plans how to find the events that match a query: a source of
// their places, and perhaps of some others, which is why the events are matched
// again once they are read.
func (s *Store) candidates(q cairn.Query, sp span) (source, error) {
	var filters []source
	for i := range q {
		f, err := s.filter(&q[i], sp)
		if err != nil {
			return nil, joinClose(err, filters)
		}
		filters = append(filters, f)
	}
	return newUnion(filters, sp.backward), nil
}

func joinClose(err error, sources []source) error {
	_ = closeAll(sources) // err came first
	return err
}

func (s *Store) filter(f *cairn.Filter, sp span) (source, error) {
	var all []source
	// The rarest criteria first: the others are then only asked about what
	// these have found.
	for _, tag := range f.Tags {
		all = append(all, s.term(index.Term{Kind: index.Tag, Name: tag}, sp))
	}
	if f.First {
		firsts, err := s.firsts(f, sp)
		if err != nil {
			return nil, joinClose(err, all)
		}
		all = append(all, firsts)
		if f.Types != nil {
			all = append(all, s.anyOf(index.Type, f.Types, sp))
		}
		return newIntersection(all, sp.backward), nil
	}
	if f.Streams != nil {
		streams, err := s.streams(f.Streams, sp)
		if err != nil {
			return nil, joinClose(err, all)
		}
		all = append(all, streams)
	}
	if f.Prefixes != nil {
		prefixes, err := s.prefixes(f.Prefixes, sp)
		if err != nil {
			return nil, joinClose(err, all)
		}
		all = append(all, prefixes)
	}
	if f.Types != nil {
		all = append(all, s.anyOf(index.Type, f.Types, sp))
	}
	if f.Categories != nil {
		all = append(all, s.anyOf(index.Category, f.Categories, sp))
	}
	return newIntersection(all, sp.backward), nil
}

func (s *Store) anyOf(k index.Kind, names []string, sp span) source {
	var terms []source
	for _, name := range names {
		terms = append(terms, s.term(index.Term{Kind: k, Name: name}, sp))
	}
	return newUnion(terms, sp.backward)
}

// streams are the events of streams, with the one that closed a stream, which
// the index does not count among its revisions.
func (s *Store) streams(names []string, sp span) (source, error) {
	var all []source
	for _, name := range names {
		all = append(all, s.term(index.Term{Kind: index.Stream, Name: name}, sp))
		rec, err := s.record(name, sp.through)
		if err != nil {
			return nil, joinClose(err, all)
		}
		if rec.tombstoned && rec.tombstone.Position <= sp.through {
			all = append(all, &single{rec.tombstone, sp.backward})
		}
	}
	return newUnion(all, sp.backward), nil
}

// expandedStreams is for how many streams to ask the index one by one. A prefix
// of more selects so much that their categories are as good a start.
const expandedStreams = 256

// prefixes are the events of streams whose names begin so, or of their
// categories.
func (s *Store) prefixes(prefixes []string, sp span) (source, error) {
	// A stream that was closed before anything was written to it is not among
	// the names.
	all := []source{s.term(index.Term{Kind: index.Type, Name: cairn.TypeStreamDeleted}, sp)}
	for _, prefix := range prefixes {
		names, err := s.names(index.Stream, prefix, expandedStreams+1)
		if err == nil && len(names) == 0 {
			continue
		}
		if err == nil && len(names) <= expandedStreams {
			var streams source
			if streams, err = s.streams(names, sp); err == nil {
				all = append(all, streams)
				continue
			}
		}
		if err == nil {
			var categories []string
			if categories, err = s.categoriesOf(prefix, 1<<20); err == nil {
				all = append(all, s.anyOf(index.Category, categories, sp))
				continue
			}
		}
		return nil, joinClose(err, all)
	}
	return newUnion(all, sp.backward), nil
}

// categoriesOf are those that streams with a prefix can be in, limit at most.
func (s *Store) categoriesOf(prefix string, limit int) ([]string, error) {
	if category, _, whole := strings.Cut(prefix, "-"); whole {
		return []string{category}, nil
	}
	return s.names(index.Category, prefix, limit)
}

// names are those of a kind that begin with a prefix, limit at most.
func (s *Store) names(k index.Kind, prefix string, limit int) ([]string, error) {
	found := s.indexer.recent.names(k, prefix, limit)
	for name, err := range s.index.Names(k, prefix) {
		if err != nil {
			return nil, err
		}
		found[name] = struct{}{}
		if len(found) >= limit {
			break
		}
	}
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	return names, nil
}

// names are those in memory that begin with a prefix, limit at most.
func (r *recent) names(k index.Kind, prefix string, limit int) map[string]struct{} {
	r.mu.RLock()
	defer r.mu.RUnlock()
	found := map[string]struct{}{}
	add := func(name string) bool {
		if strings.HasPrefix(name, prefix) {
			found[name] = struct{}{}
		}
		return len(found) < limit
	}
	for _, g := range []*generation{r.active, r.frozen} {
		if g != nil {
			g.each(k, add)
		}
	}
	return found
}

// each calls fn with every name of a kind until that returns false.
func (g *generation) each(k index.Kind, fn func(name string) bool) {
	if k != index.Stream {
		for name := range g.terms(k) {
			if !fn(name) {
				return
			}
		}
		return
	}
	for name := range g.streams {
		if !fn(name) {
			return
		}
	}
}
