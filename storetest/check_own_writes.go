package storetest

import (
	"fmt"
	"iter"

	"github.com/cairndb/cairn"
)

// readsFollowWrites reads what was just written, in every way, while others write.
func readsFollowWrites(k *kit) {
	k.together(4, func(i int) error {
		stream := fmt.Sprintf("c%d-stream", i)
		for j := range cairn.Revision(25) {
			e := cairn.Event{ID: cairn.NewID(), Type: fmt.Sprintf("type%d-%d", i, j), Tags: []string{fmt.Sprintf("tag%d-%d", i, j)}}
			r, err := k.store.Append(k.ctx, stream, j-1, e)
			if err != nil {
				return err
			}
			if err := findEverywhere(k, stream, e, r); err != nil {
				return fmt.Errorf("after append %d of writer %d: %w", j, i, err)
			}
		}
		return nil
	})
}

func findEverywhere(k *kit, stream string, e cairn.Event, r cairn.Receipt) error {
	all := func(o cairn.AllOptions) pairs { return k.store.ReadAll(k.ctx, o) }
	after := r.Position - 1
	for name, read := range map[string]pairs{
		"stream":             k.store.ReadStream(k.ctx, stream, cairn.ReadOptions{From: r.Revision}),
		"stream backward":    k.store.ReadStream(k.ctx, stream, cairn.ReadOptions{Backward: true}),
		"log":                all(cairn.AllOptions{After: after}),
		"log backward":       all(cairn.AllOptions{Backward: true, Before: r.Position + 1}),
		"by type":            all(cairn.AllOptions{Query: cairn.ByType(e.Type)}),
		"by tag":             all(cairn.AllOptions{Query: cairn.ByTag(e.Tags...)}),
		"by category":        all(cairn.AllOptions{After: after, Query: cairn.ByCategory(cairn.Category(stream))}),
		"by stream":          all(cairn.AllOptions{After: after, Query: cairn.Query{{Streams: []string{stream}}}}),
		"by prefix":          all(cairn.AllOptions{After: after, Query: cairn.Query{{Prefixes: []string{stream}}}}),
		"by type backward":   all(cairn.AllOptions{Backward: true, Query: cairn.ByType(e.Type)}),
		"by prefix backward": all(cairn.AllOptions{Backward: true, Query: cairn.Query{{Prefixes: []string{stream}}}}),
	} {
		next, stop := iter.Pull2(read)
		got, err, any := next()
		stop()
		if err != nil || !any || got.ID != e.ID || got.Position != r.Position || got.Revision != r.Revision {
			return fmt.Errorf("%s: found %v (%v, error %v), want position %v, revision %v", name, got, any, err, r.Position, r.Revision)
		}
	}
	info, err := k.store.StreamInfo(k.ctx, stream)
	if err != nil || info.Last != r.Revision || info.State != cairn.StreamLive {
		return fmt.Errorf("info of the stream: %+v, %v", info, err)
	}
	store, err := k.store.Info(k.ctx)
	if err != nil || store.Head < r.Position {
		return fmt.Errorf("head %v, %v", store.Head, err)
	}
	return nil
}
