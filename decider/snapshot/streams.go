package snapshot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cairndb/cairn"
)

// Type is the type of the events in which [Streams] keeps snapshots.
const Type = "$snapshot"

// Streams is a Store that keeps snapshots in streams of an event store, most
// often the one that has the events. It survives restarts and is shared by all
// processes; each snapshot costs a durable write, and the ones before take
// space until the event store reclaims what the metadata of a stream hides.
type Streams struct {
	store  events
	prefix string
}

// events is what a Streams needs of an event store.
type events interface {
	cairn.Committer
	cairn.StreamReader
	cairn.Inspector
}

// NewStreams makes a Store that keeps the snapshot of the stream "order-1" as
// the last event of the stream named prefix + "order-1". The empty prefix means
// "$snapshot-". Deciders that fold one stream into different states need
// different prefixes, or keep replacing each other's snapshots.
func NewStreams(store interface {
	cairn.Committer
	cairn.StreamReader
	cairn.Inspector
}, prefix string) *Streams {
	if prefix == "" {
		prefix = "$snapshot-"
	}
	return &Streams{store, prefix}
}

// envelope is the metadata of a snapshot event: all but the state.
type envelope struct {
	Revision cairn.Revision `json:"revision"`
	Event    cairn.ID       `json:"event"`
	First    cairn.Revision `json:"first"`
	Version  string         `json:"version"`
	Sum      []byte         `json:"sum"`
}

// Load reads the last event of the snapshot stream. One that is not a snapshot
// is an error, and so is a tombstone.
func (s *Streams) Load(ctx context.Context, stream string) (Snapshot, bool, error) {
	for r, err := range s.store.ReadStream(ctx, s.prefix+stream, cairn.ReadOptions{Backward: true, Limit: 1}) {
		if err != nil {
			return Snapshot{}, false, fmt.Errorf("snapshot: load %q: %w", stream, err)
		}
		var e envelope
		if err := json.Unmarshal(r.Metadata, &e); err != nil || r.Type != Type {
			return Snapshot{}, false, fmt.Errorf("snapshot: revision %v of stream %q is not a snapshot", r.Revision, r.Stream)
		}
		return Snapshot{e.Revision, e.Event, e.First, e.Version, r.Data, e.Sum}, true, nil
	}
	return Snapshot{}, false, nil
}

// Save appends the snapshot. The first of a stream also limits the snapshot
// stream to one event. When two are saved at once it may be that one is not;
// that is no error.
func (s *Streams) Save(ctx context.Context, stream string, snap Snapshot) error {
	name := s.prefix + stream
	info, err := s.store.StreamInfo(ctx, name)
	if err != nil {
		return fmt.Errorf("snapshot: save %q: %w", stream, err)
	}
	b, err := s.batch(name, snap, info.MetadataRevision)
	if err != nil {
		return err
	}
	if _, err := s.store.Commit(ctx, b); err != nil && !errors.Is(err, cairn.ErrConflict) {
		return fmt.Errorf("snapshot: save %q: %w", stream, err)
	}
	return nil
}

func (s *Streams) batch(name string, snap Snapshot, described cairn.Revision) (b cairn.Batch, err error) {
	e := cairn.Event{Type: Type, Data: snap.State, Format: cairn.Binary}
	if json.Valid(snap.State) {
		e.Format = cairn.JSON
	}
	e.Metadata, err = json.Marshal(envelope{snap.Revision, snap.Event, snap.First, snap.Version, snap.Sum})
	if err != nil {
		return b, fmt.Errorf("snapshot: save %q: %w", name, err)
	}
	b.Writes = []cairn.Write{{Stream: name, Expected: cairn.Any, Events: []cairn.Event{e}}}
	if described == cairn.NoStream {
		limit, err := json.Marshal(cairn.StreamMetadata{MaxCount: 1})
		if err != nil {
			return b, err
		}
		meta := cairn.Event{Type: cairn.TypeMetadata, Data: limit}
		b.Writes = append(b.Writes, cairn.Write{Stream: cairn.MetadataStream(name), Expected: cairn.NoStream, Events: []cairn.Event{meta}})
	}
	return b, nil
}
