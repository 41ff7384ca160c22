package importer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"github.com/cockroachdb/pebble/v2"

	"github.com/cairndb/cairn"
)

// scratch is a shelf in a temporary directory, so that it may be larger than
// memory. It is never synced: a new import makes a new one.
type scratch struct {
	dir   string
	db    *pebble.DB
	batch *pebble.Batch // not in db yet
	sieve *sieve
}

// batchSize is how many bytes of a batch are gathered at most.
const batchSize = 1 << 20

func newScratch() (*scratch, error) {
	dir, err := os.MkdirTemp("", "cairn-import-")
	if err != nil {
		return nil, fmt.Errorf("no place to remember event IDs: %w", err)
	}
	db, err := pebble.Open(dir, scratchOptions())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("no place to remember event IDs: %w", err), os.RemoveAll(dir))
	}
	return &scratch{dir, db, db.NewBatch(), newSieve()}, nil
}

// scratchOptions are for a database that is used once: it is lost in a crash,
// and IDs are random, so packing them takes time and saves no space.
func scratchOptions() *pebble.Options {
	o := &pebble.Options{DisableWAL: true, MemTableSize: 16 << 20, CacheSize: 64 << 20, Logger: silent{}}
	o.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionNone })
	return o
}

func (s *scratch) close() error {
	return errors.Join(s.batch.Close(), s.db.Close(), os.RemoveAll(s.dir))
}

// The keys: 's' and a stream's name for its standing; 'i', an event's ID and
// the name for an event. An ID has a fixed length, so no two pairs share a key.
func streamKey(stream string) []byte { return append([]byte{'s'}, stream...) }

func eventKey(who identity) []byte {
	return append(append([]byte{'i'}, who.id[:]...), who.stream...)
}

func (s *scratch) standing(stream string) (at standing, met bool, err error) {
	v, ok, err := s.get(streamKey(stream))
	if err != nil || !ok {
		return standing{}, false, err
	}
	return standing{cairn.Revision(binary.LittleEndian.Uint64(v[1:])), v[0] != 0}, true, nil
}

func (s *scratch) put(stream string, at standing) error {
	v := binary.LittleEndian.AppendUint64([]byte{0}, uint64(at.last))
	if at.closed {
		v[0] = 1
	}
	return s.batch.Set(streamKey(stream), v, nil)
}

func (s *scratch) forget(stream string) error {
	return s.db.Delete(streamKey(stream), pebble.NoSync)
}

func (s *scratch) hold(who identity) error {
	s.sieve.add(who)
	if err := s.batch.Set(eventKey(who), nil, nil); err != nil || s.batch.Len() < batchSize {
		return err
	}
	return s.flush()
}

func (s *scratch) holds(who identity) (bool, error) {
	if !s.sieve.met(who) {
		return false, nil
	}
	_, ok, err := s.get(eventKey(who))
	return ok, err
}

func (s *scratch) flush() error {
	err := s.batch.Commit(pebble.NoSync)
	s.batch.Reset()
	return err
}

func (s *scratch) get(key []byte) ([]byte, bool, error) {
	v, closer, err := s.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return append([]byte(nil), v...), true, closer.Close()
}

// silent drops what Pebble has to say; its errors are returned. Fatalf must
// not return, and ends the process the way a failed command does. The store can
// be killed at any time.
type silent struct{}

func (silent) Infof(string, ...any)  {}
func (silent) Errorf(string, ...any) {}
func (silent) Fatalf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "cairn: the temporary directory failed: "+format+"\n", args...)
	os.Exit(1)
}
