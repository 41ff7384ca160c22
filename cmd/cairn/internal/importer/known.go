package importer

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/cairndb/cairn"
)

// known is what the store holds of the streams met so far: where each stands
// and its event IDs. It lies in a temporary directory, so that it may be
// larger than memory, and is never synced: a new import makes a new one.
type known struct {
	store Store
	dir   string
	db    *pebble.DB
	sieve *sieve
}

func newKnown(s Store) (*known, error) {
	dir, err := os.MkdirTemp("", "cairn-import-")
	if err != nil {
		return nil, fmt.Errorf("no place to remember event IDs: %w", err)
	}
	db, err := pebble.Open(dir, scratch())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("no place to remember event IDs: %w", err), os.RemoveAll(dir))
	}
	return &known{s, dir, db, newSieve()}, nil
}

// scratch is how a database is opened that is used once: it is lost in a crash,
// and IDs are random, so packing them takes time and saves no space.
func scratch() *pebble.Options {
	o := &pebble.Options{DisableWAL: true, MemTableSize: 16 << 20, CacheSize: 64 << 20, Logger: silent{}}
	o.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionNone })
	return o
}

func (k *known) close() error { return errors.Join(k.db.Close(), os.RemoveAll(k.dir)) }

// A standing is where a stream stands.
type standing struct {
	last   cairn.Revision
	closed bool // for good
}

// The keys: 's' and a stream's name for its standing; 'i', an event's ID and
// the name for an event. An ID has a fixed length, so no two pairs share a key.
func streamKey(stream string) []byte { return append([]byte{'s'}, stream...) }

func eventKey(who identity) []byte {
	return append(append([]byte{'i'}, who.id[:]...), who.stream...)
}

// learn reads about those of the streams that have not been met. Those with
// events are read whole, also what their metadata hides; all in one read.
func (k *known) learn(ctx context.Context, streams map[string]bool) error {
	b := k.db.NewBatch()
	defer b.Close()
	var old []string
	for _, stream := range slices.Sorted(maps.Keys(streams)) {
		if _, met, err := k.standing(stream); met || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		info, err := k.store.StreamInfo(ctx, stream)
		if err != nil {
			return err
		}
		if info.State != cairn.StreamMissing {
			old = append(old, stream)
		}
		if err := put(b, stream, standing{info.Last, info.State == cairn.StreamTombstoned}); err != nil {
			return err
		}
	}
	if err := k.readIDs(ctx, old); err != nil {
		return err
	}
	return b.Commit(pebble.NoSync)
}

func (k *known) readIDs(ctx context.Context, streams []string) error {
	if len(streams) == 0 {
		return nil
	}
	for e, err := range k.store.ReadAll(ctx, cairn.AllOptions{Query: cairn.Query{{Streams: streams}}}) {
		if err != nil {
			return err
		}
		if err := k.hold(k.db, identity{e.Stream, e.ID}); err != nil {
			return err
		}
	}
	return nil
}

// forget makes learn read about the streams again. Their IDs stay: what was
// stored once is never gone.
func (k *known) forget(streams map[string]bool) error {
	for stream := range streams {
		if err := k.db.Delete(streamKey(stream), pebble.NoSync); err != nil {
			return err
		}
	}
	return nil
}

func (k *known) standing(stream string) (at standing, met bool, err error) {
	v, ok, err := k.get(streamKey(stream))
	if err != nil || !ok {
		return standing{}, false, err
	}
	return standing{cairn.Revision(binary.LittleEndian.Uint64(v[1:])), v[0] != 0}, true, nil
}

func (k *known) hold(w pebble.Writer, who identity) error {
	k.sieve.add(who)
	return w.Set(eventKey(who), nil, pebble.NoSync)
}

func (k *known) holds(who identity) (bool, error) {
	if !k.sieve.met(who) {
		return false, nil
	}
	_, ok, err := k.get(eventKey(who))
	return ok, err
}

func (k *known) get(key []byte) ([]byte, bool, error) {
	v, closer, err := k.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return slices.Clone(v), true, closer.Close()
}

func put(b pebble.Writer, stream string, at standing) error {
	v := binary.LittleEndian.AppendUint64([]byte{0}, uint64(at.last))
	if at.closed {
		v[0] = 1
	}
	return b.Set(streamKey(stream), v, pebble.NoSync)
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
