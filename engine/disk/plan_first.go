package disk

import (
	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/index"
)

// firsts are the first events of the streams that a filter's criteria on the
// name of the stream select, or of some more.
func (s *Store) firsts(f *cairn.Filter, sp span) (source, error) {
	switch {
	case f.Streams != nil:
		return s.firstOf(f.Streams, sp)
	case f.Categories != nil:
		return s.firstIn(f.Categories, sp), nil
	case f.Prefixes != nil:
		return s.firstOfPrefixes(f.Prefixes, sp)
	}
	return s.term(index.Term{Kind: index.First}, sp), nil
}

// firstOf are the first events of streams: of what each has, what comes first.
func (s *Store) firstOf(names []string, sp span) (source, error) {
	var all []source
	for _, name := range names {
		events := s.term(index.Term{Kind: index.Stream, Name: name}, span{through: sp.through})
		place, ok := events.seek(1)
		if err := events.close(); err != nil {
			return nil, err
		}
		if ok && place.Position <= sp.through {
			all = append(all, &single{place, sp.backward})
		}
	}
	return newUnion(all, sp.backward), nil
}

func (s *Store) firstIn(categories []string, sp span) source {
	var names []string
	for _, category := range categories {
		names = append(names, index.FirstIn(category))
	}
	return s.anyOf(index.First, names, sp)
}

// firstOfPrefixes are those of the categories that such streams can be in, or
// all there are if these are many.
func (s *Store) firstOfPrefixes(prefixes []string, sp span) (source, error) {
	var all []string
	for _, prefix := range prefixes {
		categories, err := s.categoriesOf(prefix, expandedStreams)
		if err != nil {
			return nil, err
		}
		if all = append(all, categories...); len(all) >= expandedStreams {
			return s.term(index.Term{Kind: index.First}, sp), nil
		}
	}
	return s.firstIn(all, sp), nil
}
