package index

import (
	"bytes"
	"iter"
)

// Names yields the names of the terms of a kind that begin with a prefix,
// ascending byte by byte. It sees what was applied before it began. An error is
// the last thing it yields.
func (x *Index) Names(k Kind, prefix string) iter.Seq2[string, error] {
	start := appendEscaped([]byte{byte(k)}, prefix)
	return scan(x, start, func(key, _ []byte) (string, error) {
		n, ok := splitBlock(key)
		if !ok {
			return "", pebbleCorruption(errKey)
		}
		return termName(key[:n]), nil
	})
}

// Counts yields the counters of a kind, ascending by name. It sees what was
// applied before it began. An error is the last thing it yields.
func (x *Index) Counts(k Kind) iter.Seq2[Count, error] {
	start := []byte{counterKey, byte(k)}
	return scan(x, start, func(key, value []byte) (Count, error) {
		events, streams, err := decodeCount(value)
		return Count{string(key[len(start):]), events, streams}, err
	})
}

// scan yields what take makes of the first key of each prefix that begins with
// start. What yield does is not a use of the database: it may take its time, or
// close the index.
func scan[T any](x *Index, start []byte, take func(key, value []byte) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		s := scanner{x: x, start: start}
		defer s.close()
		for {
			var v T
			ok, err := s.next(func(key, value []byte) (err error) {
				v, err = take(key, value)
				return err
			})
			if err != nil {
				yield(*new(T), err)
				return
			}
			if !ok || !yield(v, nil) {
				return
			}
		}
	}
}

// A scanner visits the first key of each prefix.
type scanner struct {
	x     *Index
	start []byte
	r     *reader
}

func (s *scanner) next(take func(key, value []byte) error) (bool, error) {
	if err := s.x.readers.enter(); err != nil {
		return false, err
	}
	defer s.x.readers.leave()
	more, err := s.advance()
	if !more || !bytes.HasPrefix(s.r.it.Key(), s.start) {
		return false, err
	}
	value, err := s.r.it.ValueAndErr()
	if err == nil {
		err = take(s.r.it.Key(), value)
	}
	return err == nil, s.x.report(err)
}

func (s *scanner) advance() (bool, error) {
	if s.r != nil {
		return s.r.it.NextPrefix(), s.x.report(s.r.it.Error())
	}
	r, err := s.x.readers.lend(all)
	if err != nil {
		return false, err
	}
	s.r = r
	return r.it.SeekGE(s.start), s.x.report(r.it.Error())
}

func (s *scanner) close() {
	if s.r != nil && s.x.readers.enter() == nil {
		s.x.readers.giveBack(s.r)
		s.x.readers.leave()
	}
}
