package importer

import (
	"context"
	"maps"
	"slices"

	"github.com/cairndb/cairn"
)

// known is what the store holds of the streams met so far: where each stands
// and its event IDs.
type known struct {
	shelf
	store Store
}

// learn reads about those of the streams that have not been met. Those with
// events are read whole, also what their metadata hides; all in one read.
func (k *known) learn(ctx context.Context, streams map[string]bool) error {
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
		if err := k.put(stream, standing{info.Last, info.State == cairn.StreamTombstoned}); err != nil {
			return err
		}
	}
	if err := k.readIDs(ctx, old); err != nil {
		return err
	}
	return k.flush()
}

func (k *known) readIDs(ctx context.Context, streams []string) error {
	if len(streams) == 0 {
		return nil
	}
	for e, err := range k.store.ReadAll(ctx, cairn.AllOptions{Query: cairn.Query{{Streams: streams}}}) {
		if err != nil {
			return err
		}
		if err := k.hold(identity{e.Stream, e.ID}); err != nil {
			return err
		}
	}
	return nil
}

// forgetAll makes learn read about the streams again. Their IDs stay: what was
// stored once is never gone.
func (k *known) forgetAll(streams map[string]bool) error {
	for stream := range streams {
		if err := k.forget(stream); err != nil {
			return err
		}
	}
	return nil
}
