package disk_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/cairndb/cairn"
)

// check holds what is in a store against what was attempted: what was stored is
// there, exactly and where its receipt says; what was refused is not; and the
// rest is there whole or not at all. Every way to read it says the same.
func check(t testing.TB, s cairn.Store, attempts []attempt) []cairn.Recorded {
	t.Helper()
	all, err := cairn.Collect(s.ReadAll(t.Context(), cairn.AllOptions{}))
	if err != nil {
		t.Fatalf("read all after %d events: %v", len(all), err)
	}
	at := map[cairn.ID]int{}
	for i, e := range all {
		if e.Position != cairn.Position(i+1) {
			t.Fatalf("event %d is at position %d", i, e.Position)
		}
		if _, twice := at[e.ID]; twice {
			t.Fatalf("event %v is stored twice", e.ID)
		}
		at[e.ID] = i
	}
	for i := range attempts {
		if err := attempts[i].check(all, at); err != nil {
			t.Fatalf("attempt %d, %v, with %d events in the store: %v", i, attempts[i].outcome, len(all), err)
		}
	}
	checkReads(t, s, all)
	checkStreams(t, s, all)
	return all
}

func (o outcome) String() string { return [...]string{"pending", "stored", "refused"}[o] }

// check looks for the events of an attempt.
func (a *attempt) check(all []cairn.Recorded, at map[cairn.ID]int) error {
	found, wanted, first := 0, 0, 0
	for _, w := range a.batch.Writes {
		for _, e := range w.Events {
			i, ok := at[e.ID]
			if wanted++; !ok {
				continue
			}
			if found++; found == 1 {
				first = i
			}
			if i != first+found-1 || found != wanted {
				return fmt.Errorf("event %d of the batch is at position %d, the first at %d", wanted, i+1, first+1)
			}
			if !same(all[i], w.Stream, e) {
				return fmt.Errorf("position %d: got %+v, want %+v", i+1, all[i], e)
			}
		}
	}
	switch {
	case a.outcome == refused && found > 0:
		return fmt.Errorf("%d of its events are stored", found)
	case a.outcome == stored && a.receipt.Position > cairn.Position(len(all)):
		return fmt.Errorf("its receipt says position %d", a.receipt.Position)
	case a.outcome == stored && found < wanted, found > 0 && found < wanted:
		return fmt.Errorf("%d of its %d events are stored", found, wanted)
	case a.outcome == stored && wanted > 0 && a.receipt.Position != cairn.Position(first+found):
		return fmt.Errorf("its last event is at position %d, the receipt says %d", first+found, a.receipt.Position)
	case a.outcome == stored && wanted == 0 && a.receipt.Position > 0:
		return a.deleted(all[a.receipt.Position-1])
	}
	return nil
}

// deleted checks the event that deletes a stream.
func (a *attempt) deleted(e cairn.Recorded) error {
	w := a.batch.Writes[0]
	if w.Delete == cairn.Tombstone && e.Type == cairn.TypeStreamDeleted && e.Stream == w.Stream && e.Revision == cairn.TombstoneRevision ||
		w.Delete == cairn.SoftDelete && e.Type == cairn.TypeMetadata && e.Stream == cairn.MetadataStream(w.Stream) {
		return nil
	}
	return fmt.Errorf("position %d does not delete stream %q: %+v", e.Position, w.Stream, e)
}

func same(got cairn.Recorded, stream string, want cairn.Event) bool {
	return got.Stream == stream && got.ID == want.ID && got.Type == want.Type && got.Format == want.Format &&
		bytes.Equal(got.Data, want.Data) && bytes.Equal(got.Metadata, want.Metadata) && slices.Equal(got.Tags, want.Tags)
}

// checkReads reads the log in other ways.
func checkReads(t testing.TB, s cairn.Store, all []cairn.Recorded) {
	t.Helper()
	queries := []cairn.Query{
		nil, cairn.ByType("t1"), cairn.ByType("t0", "$metadata", "$streamDeleted"), cairn.ByCategory("b", "$$c"), cairn.ByTag("k0", "k2"),
		{{Streams: []string{"a-1", "c-2"}}}, {{Prefixes: []string{"a-"}, Types: []string{"t2"}}, {Tags: []string{"k1"}}},
	}
	for _, q := range queries {
		for _, backward := range []bool{false, true} {
			var want []cairn.Recorded
			for _, e := range all {
				if q.Match(&e) {
					want = append(want, e)
				}
			}
			if backward {
				slices.Reverse(want)
			}
			got, err := cairn.Collect(s.ReadAll(t.Context(), cairn.AllOptions{Query: q, Backward: backward}))
			if err != nil || !slices.Equal(positions(got), positions(want)) {
				t.Fatalf("read %v, backward %t: %v, got positions %v, want %v", q, backward, err, positions(got), positions(want))
			}
		}
	}
}

func positions(all []cairn.Recorded) (p []cairn.Position) {
	for _, e := range all {
		p = append(p, e.Position)
	}
	return p
}

// A fold is what the events of a stream make of it.
type fold struct {
	events   []cairn.Recorded
	metaLast cairn.Revision
	metadata cairn.StreamMetadata
	closed   bool
}

// checkStreams folds the log and compares every stream with that.
func checkStreams(t testing.TB, s cairn.Store, all []cairn.Recorded) {
	t.Helper()
	streams := map[string]*fold{}
	of := func(name string) *fold {
		if streams[name] == nil {
			streams[name] = &fold{metaLast: cairn.NoStream}
		}
		return streams[name]
	}
	for _, e := range all {
		if stream, meta := cairn.DescribedStream(e.Stream); meta {
			f := of(stream)
			if f.metaLast++; e.Revision != f.metaLast {
				t.Fatalf("position %d: revision %d of %s, want %d", e.Position, e.Revision, e.Stream, f.metaLast)
			}
			f.metadata = cairn.ParseStreamMetadata(e.Data)
			continue
		}
		f := of(e.Stream)
		if f.closed = e.Type == cairn.TypeStreamDeleted; f.closed {
			continue
		}
		if e.Revision != cairn.Revision(len(f.events)) {
			t.Fatalf("position %d: revision %d of %s, want %d", e.Position, e.Revision, e.Stream, len(f.events))
		}
		f.events = append(f.events, e)
	}
	for name, f := range streams {
		f.check(t, s, name)
	}
}

func (f *fold) check(t testing.TB, s cairn.Store, name string) {
	t.Helper()
	info, err := s.StreamInfo(t.Context(), name)
	if err != nil || info.Last != cairn.Revision(len(f.events)-1) || info.MetadataRevision != f.metaLast {
		t.Fatalf("stream %s with %d events and metadata at %d: %+v, %v", name, len(f.events), f.metaLast, info, err)
	}
	got, err := cairn.Collect(s.ReadStream(t.Context(), name, cairn.ReadOptions{}))
	if f.closed {
		if !errors.Is(err, cairn.ErrStreamDeleted) {
			t.Fatalf("stream %s was closed: %v", name, err)
		}
		return
	}
	want := f.events[min(int(f.metadata.TruncateBefore), len(f.events)):]
	if n := int(f.metadata.MaxCount); n > 0 {
		want = want[max(0, len(want)-n):]
	}
	if err != nil || !slices.Equal(positions(got), positions(want)) {
		t.Fatalf("read stream %s: %v, got positions %v, want %v", name, err, positions(got), positions(want))
	}
}
