package group

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/component"
)

// A definition is what was decided when the group was created.
type definition struct {
	Partitions int            `json:"partitions"`
	Start      cairn.Position `json:"start"`
	Query      cairn.Query    `json:"query,omitempty"`

	About component.About `json:"about,omitzero"` // not in what was written before there was one
}

// beatsKept is how many beats the stream of members shows, and progressKept how
// many states that of a partition. The last one is all that is needed.
const (
	beatsKept    = 1024
	progressKept = 4
)

// define reads the definition of a group, and creates the group if need be.
func define(ctx context.Context, store Store, g names, o *Options) (definition, error) {
	d, err := readDefinition(ctx, store, g)
	if err == nil {
		return d, d.redefine(ctx, store, g, o)
	}
	if !errors.Is(err, ErrUnknown) {
		return d, err
	}
	start, err := o.Start.position(ctx, store)
	if err != nil {
		return d, err
	}
	b, err := creation(ctx, store, g, definition{Partitions: o.Partitions, Start: start, Query: o.Query, About: o.About})
	if err != nil {
		return d, err
	}
	if _, err = store.Commit(ctx, b); err != nil && !errors.Is(err, cairn.ErrConflict) {
		return d, err
	}
	return readDefinition(ctx, store, g) // somebody else's, perhaps
}

// redefine notes that the group has another query now, for those who ask how far
// it is, or is described otherwise. A member that does not describe it has nothing
// against what others have said.
func (d *definition) redefine(ctx context.Context, store cairn.Appender, g names, o *Options) error {
	about := o.About
	if about.IsZero() {
		about = d.About
	}
	if reflect.DeepEqual(d.Query, o.Query) && about.Equal(d.About) {
		return nil
	}
	d.Query, d.About = o.Query, about
	data, err := json.Marshal(d)
	if err == nil {
		_, err = store.Append(ctx, g.definition(), cairn.Any, system(typeDefined, data))
	}
	return err
}

// creation is the batch that creates a group.
func creation(ctx context.Context, store cairn.Inspector, g names, d definition) (b cairn.Batch, err error) {
	data, err := json.Marshal(d)
	if err != nil {
		return b, err
	}
	b.Writes = []cairn.Write{{Stream: g.definition(), Expected: cairn.NoStream, Events: []cairn.Event{system(typeDefined, data)}}}
	if err := keep(ctx, store, &b, g.members(), beatsKept); err != nil {
		return b, err
	}
	for n := range d.Partitions {
		if err := keep(ctx, store, &b, g.progress(n), progressKept); err != nil {
			return b, err
		}
	}
	return b, nil
}

// keep adds to a batch that a stream shows its last events only, and none of
// a group of this name that was deleted.
func keep(ctx context.Context, store cairn.Inspector, b *cairn.Batch, stream string, count int64) error {
	info, err := store.StreamInfo(ctx, stream)
	if err != nil {
		return err
	}
	data, err := json.Marshal(cairn.StreamMetadata{MaxCount: count, TruncateBefore: info.Last + 1})
	b.Writes = append(b.Writes, cairn.Write{
		Stream: cairn.MetadataStream(stream), Expected: cairn.Any,
		Events: []cairn.Event{{ID: cairn.NewID(), Type: cairn.TypeMetadata, Data: data}},
	})
	return err
}

func readDefinition(ctx context.Context, store cairn.StreamReader, g names) (definition, error) {
	d, _, err := currentDefinition(ctx, store, g)
	return d, err
}

// currentDefinition is the definition of a group, and the ID of the event that holds it.
func currentDefinition(ctx context.Context, store cairn.StreamReader, g names) (d definition, at cairn.ID, err error) {
	e, ok, err := last(ctx, store, g.definition())
	if err != nil {
		return d, at, err
	}
	if !ok || e.Type == typeDeleted {
		return d, at, unknown(g)
	}
	if err := decode(&e, &d); err != nil {
		return d, at, err
	}
	if d.Partitions < 1 || d.Partitions > maxPartitions {
		return d, at, fmt.Errorf("group: the definition of %q names %d partitions", string(g), d.Partitions)
	}
	return d, e.ID, nil
}

// last is the last event of a stream, if it has one.
func last(ctx context.Context, store cairn.StreamReader, stream string) (cairn.Recorded, bool, error) {
	for e, err := range store.ReadStream(ctx, stream, cairn.ReadOptions{Backward: true, Limit: 1}) {
		return e, err == nil, err
	}
	return cairn.Recorded{}, false, nil
}

// decode reads an event of the group's. What is not one is an error: somebody
// else has written to its streams.
func decode(e *cairn.Recorded, into any) error {
	if err := json.Unmarshal(e.Data, into); err != nil {
		return fmt.Errorf("group: event %d of stream %q (%s) cannot be read: %w", e.Revision, e.Stream, e.Type, err)
	}
	return nil
}
