// Package diskui lets the window of package ui show a store on disk: what it keeps,
// and whether all of that can be read.
package diskui

import (
	"context"

	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server/ui"
)

// Show adds to the options of a window what the engine says of its files. The store
// must stay open as long as the window is.
func Show(o ui.Options, store *disk.Store) ui.Options {
	o.Storage = func(ctx context.Context) (ui.Storage, error) {
		st, err := store.Stats(ctx)
		return storage(&st), err
	}
	o.Verify = func(ctx context.Context, progress func(done, total int64)) (ui.Verification, error) {
		r, err := store.Scrub(ctx, progress)
		return ui.Verification{
			Segments: r.Segments, Bytes: r.Bytes, Events: r.Events, Streams: r.Streams, IndexEntries: r.IndexEntries, Problems: r.Problems,
		}, err
	}
	return o
}

func storage(st *disk.Stats) ui.Storage {
	return ui.Storage{
		Events: st.Events, Streams: st.Streams, Segments: st.Segments,
		LogBytes: st.LogBytes, DiskBytes: st.DiskBytes, IndexBytes: st.IndexBytes, FreeBytes: st.FreeBytes,
		Categories: counts(st.Categories), Types: counts(st.Types),
	}
}

func counts(of []disk.Count) []ui.Count {
	all := make([]ui.Count, len(of))
	for i, c := range of {
		all[i] = ui.Count{Name: c.Name, Events: c.Events}
	}
	return all
}
