package index

import (
	"bytes"

	"github.com/cairndb/cairn"
)

// Last returns the newest revision of a stream that is indexed, and its place;
// false if the stream has none.
func (x *Index) Last(stream string) (cairn.Revision, Place, bool, error) {
	c := RevisionCursor{blocks{x: x, kind: Stream, name: stream, backward: true}}
	r, p, ok := c.Next()
	err := c.Err()
	_ = c.Close() // gives the reader back
	return r, p, ok, err
}

// Record returns the stream's record; false if none was set.
func (x *Index) Record(stream string) (v []byte, ok bool, err error) {
	err = x.lookUp(recordKey, stream, func(value []byte) error {
		v, ok = bytes.Clone(value), true
		return nil
	})
	return v, ok, err
}

// Key returns the place that an idempotency key led to; false if the key was
// not used.
func (x *Index) Key(key string) (p Place, ok bool, err error) {
	err = x.lookUp(idempotent, key, func(value []byte) error {
		var n [2]uint64
		err := decodeNumbers(value, n[:])
		p, ok = Place{cairn.Position(n[0]), n[1]}, err == nil
		return err
	})
	return p, ok, err
}

// lookUp lets take read the value of one key, if there is one.
func (x *Index) lookUp(kind byte, name string, take func(value []byte) error) error {
	return x.read(func() (*reader, error) { return x.readers.lendFor(kind, name) }, func(r *reader) error {
		r.key = append(append(r.key[:0], kind), name...)
		if !r.it.SeekPrefixGE(r.key) {
			return r.it.Error()
		}
		value, err := r.it.ValueAndErr()
		if err != nil {
			return err
		}
		return take(value)
	})
}

// Mark returns the last mark at or before a position; false if there is none.
func (x *Index) Mark(at cairn.Position) (p Place, ok bool, err error) {
	err = x.read(func() (*reader, error) { return x.readers.lend(all) }, func(r *reader) error {
		r.key = appendNumber(append(r.key[:0], markKey), uint64(at))
		if !r.it.SeekGE(r.key) || r.it.Key()[0] != markKey {
			return r.it.Error()
		}
		var n [1]uint64
		value, err := r.it.ValueAndErr()
		if err == nil {
			err = decodeNumbers(value, n[:])
		}
		p, ok = Place{cairn.Position(blockNumber(r.it.Key())), n[0]}, err == nil
		return err
	})
	return p, ok, err
}

// read lends a reader to use.
func (x *Index) read(lend func() (*reader, error), use func(*reader) error) error {
	if err := x.readers.enter(); err != nil {
		return err
	}
	defer x.readers.leave()
	r, err := lend()
	if err != nil {
		return err
	}
	defer x.readers.giveBack(r)
	return x.report(use(r))
}
