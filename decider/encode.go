package decider

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/cairndb/cairn"
)

// record encodes what was decided, with IDs by which the store will recognise
// it, and adds it to the state. The events are decoded again for that: an event
// that could not be read back is never stored, and the state is the one that
// every later load will find.
func (d *Decider[S, E]) record(ctx context.Context, stream string, v *view[S], facts []E) ([]cairn.Event, error) {
	if len(facts) == 0 {
		return nil, nil
	}
	metadata, err := d.metadata(ctx)
	if err != nil {
		return nil, err
	}
	events := make([]cairn.Event, len(facts))
	for i, fact := range facts {
		if events[i], err = d.encode(stream, fact); err != nil {
			return nil, err
		}
		if events[i].Metadata == nil {
			events[i].Metadata = metadata
		}
		r := cairn.Recorded{Event: events[i], Stream: stream, Revision: v.expect + 1 + cairn.Revision(i)}
		if err := d.add(v, &r); err != nil {
			return nil, fmt.Errorf("decider: event %d of the decision cannot be read back: %w", i, err)
		}
	}
	return events, nil
}

func (d *Decider[S, E]) encode(stream string, fact E) (cairn.Event, error) {
	e, err := d.codec.Encode(fact)
	if err != nil {
		return e, fmt.Errorf("decider: stream %q: %w", stream, err)
	}
	e.ID = cairn.NewID()
	if d.options.Tags != nil {
		e.Tags = slices.Concat(e.Tags, d.options.Tags(stream, fact))
	}
	return e, nil
}

// metadata is what all events decided under a context carry.
func (d *Decider[S, E]) metadata(ctx context.Context) ([]byte, error) {
	all := map[string]any{}
	if d.options.Metadata != nil {
		maps.Copy(all, d.options.Metadata(ctx))
	}
	traceOf(ctx).addTo(all)
	if len(all) == 0 {
		return nil, nil
	}
	b, err := json.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("decider: metadata: %w", err)
	}
	return b, nil
}
