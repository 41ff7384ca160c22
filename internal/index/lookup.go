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
	err = x.lookUp(func(r *reader) bool {
		r.key = append(append(r.key[:0], recordKey), stream...)
		return r.it.SeekPrefixGE(r.key)
	}, func(_, value []byte) error {
		v, ok = bytes.Clone(value), true
		return nil
	})
	return v, ok, err
}

// Key returns the place that an idempotency key led to; false if the key was
// not used.
func (x *Index) Key(key string) (p Place, ok bool, err error) {
	err = x.lookUp(func(r *reader) bool {
		r.key = append(append(r.key[:0], idempotent), key...)
		return r.it.SeekPrefixGE(r.key)
	}, func(_, value []byte) error {
		var n [2]uint64
		err := decodeNumbers(value, n[:])
		p, ok = Place{cairn.Position(n[0]), n[1]}, err == nil
		return err
	})
	return p, ok, err
}

// Mark returns the last mark at or before a position; false if there is none.
func (x *Index) Mark(at cairn.Position) (p Place, ok bool, err error) {
	err = x.lookUp(func(r *reader) bool {
		r.key = appendNumber(append(r.key[:0], markKey), uint64(at))
		return r.it.SeekGE(r.key) && r.it.Key()[0] == markKey
	}, func(key, value []byte) error {
		var n [1]uint64
		err := decodeNumbers(value, n[:])
		p, ok = Place{cairn.Position(blockNumber(key)), n[0]}, err == nil
		return err
	})
	return p, ok, err
}

// lookUp seeks one key and lets take read it, if there is one.
func (x *Index) lookUp(seek func(*reader) bool, take func(key, value []byte) error) error {
	if err := x.readers.enter(); err != nil {
		return err
	}
	defer x.readers.leave()
	r, err := x.readers.lend()
	if err != nil {
		return err
	}
	defer x.readers.giveBack(r)
	if !seek(r) {
		return x.report(r.it.Error())
	}
	value, err := r.it.ValueAndErr()
	if err == nil {
		err = take(r.it.Key(), value)
	}
	return x.report(err)
}
