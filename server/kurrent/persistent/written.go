package persistent

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/cairndb/cairn"
)

// keptConfigs is how many versions of the configuration can be read.
const keptConfigs = 2

// readConfig reads the configuration, and where its stream stands.
func readConfig(ctx context.Context, store Store) ([]Config, cairn.Revision, error) {
	info, err := store.StreamInfo(ctx, configStream)
	if err != nil {
		return nil, 0, err
	}
	for e, err := range store.ReadStream(ctx, configStream, cairn.ReadOptions{Backward: true, Limit: 1}) {
		if err != nil {
			return nil, 0, err
		}
		all, err := Decode(e.Data)
		return all, e.Revision, err
	}
	return nil, info.Last, nil
}

// write stores a configuration, expecting that nobody else has, and deletes
// streams along with it.
func (s *Subscriptions) write(ctx context.Context, all map[string]Config, by string, without ...string) error {
	data, err := Encode(sorted(all), by, time.Now())
	if err != nil {
		return err
	}
	if err := s.keepFew(ctx); err != nil {
		return err
	}
	b := cairn.Batch{Writes: []cairn.Write{{
		Stream: configStream, Expected: s.written,
		Events: []cairn.Event{{ID: cairn.NewID(), Type: configType, Data: data}},
	}}}
	for _, stream := range without {
		info, err := s.store.StreamInfo(ctx, stream)
		if err != nil {
			return err
		}
		if info.State == cairn.StreamLive {
			b.Writes = append(b.Writes, cairn.Write{Stream: stream, Expected: cairn.Any, Delete: cairn.SoftDelete})
		}
	}
	r, err := s.store.Commit(ctx, b)
	if err != nil {
		return err
	}
	s.written = r.Revisions[0]
	return nil
}

func sorted(all map[string]Config) []Config {
	list := make([]Config, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, all[name])
	}
	return list
}

// keepFew says that only the last versions can be read; who may is left as it is.
func (s *Subscriptions) keepFew(ctx context.Context) error {
	info, err := s.store.StreamInfo(ctx, configStream)
	if err != nil || info.Metadata.MaxCount == keptConfigs {
		return err
	}
	info.Metadata.MaxCount = keptConfigs
	_, err = cairn.SetMetadata(ctx, s.store, configStream, info.MetadataRevision, info.Metadata)
	return err
}
