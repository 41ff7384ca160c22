package disk

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/index"
)

// Stats describe what a store holds.
type Stats struct {
	Store      cairn.ID       `json:"store"`
	Head       cairn.Position `json:"head"`
	Events     uint64         `json:"events"`
	Streams    uint64         `json:"streams"`
	Segments   int            `json:"segments"`
	LogBytes   int64          `json:"log_bytes"`   // of the events and their framing
	DiskBytes  int64          `json:"disk_bytes"`  // of the log's files, with what is prepared ahead
	IndexBytes int64          `json:"index_bytes"` // of the index's files
	FreeBytes  int64          `json:"free_bytes"`  // of the file system, for this process; -1 is unknown
	Categories []Count        `json:"categories"`  // by name
	Types      []Count        `json:"types"`       // by name
}

// A Count says how many events and streams a category or type has.
type Count struct {
	Name    string `json:"name"`
	Events  uint64 `json:"events"`
	Streams uint64 `json:"streams,omitempty"` // of a category
}

// Stats counts what the store holds. The counts are kept by the index, so this
// costs as much as there are categories and types.
func (s *Store) Stats(ctx context.Context) (st Stats, err error) {
	if err := s.interrupted(ctx); err != nil {
		return st, err
	}
	head := s.head.get()
	if err := s.indexer.processed.wait(ctx, head); err != nil {
		return st, err
	}
	s.use.RLock()
	defer s.use.RUnlock()
	if s.shut || s.ended.Load() {
		return st, cairn.ErrClosed
	}
	st = Stats{Store: s.ID, Head: head, Events: uint64(head), IndexBytes: s.index.Size(), FreeBytes: s.dir.free()}
	// Between parts the indexer's counts in memory and in the index add up.
	s.indexer.do(func() { err = s.count(&st) })
	return st, err
}

// free is how much of the file system is left. Without an answer, which one in memory
// does not have, it is -1.
func (d directory) free() int64 {
	u, err := d.fs.GetDiskUsage(d.path)
	if err != nil {
		return -1
	}
	return int64(min(u.AvailBytes, math.MaxInt64))
}

func (s *Store) count(st *Stats) (err error) {
	s.indexer.finishFlush(true)
	generations := s.indexer.recent.generations()
	st.Streams = s.index.Checkpoint().Streams
	end := s.index.Checkpoint().Address
	for _, g := range generations {
		st.Streams += g.newStreams
		end = g.end
	}
	st.Segments = len(s.segments.all())
	if st.LogBytes, st.DiskBytes, err = s.segments.sizes(end); err != nil {
		return err
	}
	if st.Categories, err = s.counts(index.Category, generations); err != nil {
		return err
	}
	st.Types, err = s.counts(index.Type, generations)
	return err
}

// counts adds what is in memory to the counts of the index.
func (s *Store) counts(k index.Kind, generations []*generation) ([]Count, error) {
	sum := map[string]Count{}
	add := func(name string, events, streams uint64) {
		c := sum[name]
		sum[name] = Count{name, c.Events + events, c.Streams + streams}
	}
	for c, err := range s.index.Counts(k) {
		if err != nil {
			return nil, err
		}
		add(c.Name, c.Events, c.Streams)
	}
	for _, g := range generations {
		for name, p := range g.terms(k) {
			add(name, uint64(len(p.places)), g.begunIn(index.Term{Kind: k, Name: name}))
		}
	}
	return slices.SortedFunc(maps.Values(sum), func(a, b Count) int { return cmp.Compare(a.Name, b.Name) }), nil
}

// generations are those in memory, oldest first. They are the indexer's.
func (r *recent) generations() []*generation {
	if r.frozen != nil {
		return []*generation{r.frozen, r.active}
	}
	return []*generation{r.active}
}
