package cli

import (
	"context"
	"strings"

	"github.com/cairndb/cairn/cmd/cairn/internal/config"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server/ui"
)

// window is what the pages for browsers show of this program.
func (s *serving) window() ui.Options {
	return ui.Options{
		Version: thisRelease().Version, Storage: s.storage, Verify: s.verify, Logs: s.logs, Settings: s.shown(),
	}
}

// storage says what the engine keeps.
func (s *serving) storage(ctx context.Context) (ui.Storage, error) {
	st, err := s.store.Stats(ctx)
	if err != nil {
		return ui.Storage{}, err
	}
	return ui.Storage{
		Events: st.Events, Streams: st.Streams, Segments: st.Segments,
		LogBytes: st.LogBytes, DiskBytes: st.DiskBytes, IndexBytes: st.IndexBytes, FreeBytes: -1,
		Categories: counts(st.Categories), Types: counts(st.Types),
	}, nil
}

func counts(of []disk.Count) []ui.Count {
	all := make([]ui.Count, 0, len(of))
	for _, c := range of {
		all = append(all, ui.Count{Name: c.Name, Events: c.Events})
	}
	return all
}

// verify reads all of the store.
func (s *serving) verify(ctx context.Context, progress func(done, total int64)) (ui.Verification, error) {
	r, err := s.store.Scrub(ctx, progress)
	return ui.Verification{
		Segments: r.Segments, Bytes: r.Bytes, Events: r.Events, Streams: r.Streams, IndexEntries: r.IndexEntries, Problems: r.Problems,
	}, err
}

// shown are the settings, without what is secret.
func (s *serving) shown() []ui.Setting {
	all := make([]ui.Setting, 0, len(config.Settings))
	for _, one := range config.Settings {
		v, _ := s.Shown(one)
		all = append(all, ui.Setting{
			Name: one.Name, Value: v, Origin: s.Origin(one.Name), Group: one.Group,
			Usage: strings.ToUpper(one.Usage[:1]) + one.Usage[1:],
		})
	}
	return all
}
