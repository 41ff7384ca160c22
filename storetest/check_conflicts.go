package storetest

import (
	"errors"

	"github.com/cairndb/cairn"
)

// conflict makes the commit fail and returns the facts.
func (k *kit) conflict(b cairn.Batch) *cairn.ConflictError {
	k.Helper()
	before := k.head()
	_, err := k.store.Commit(k.ctx, b)
	c, ok := errors.AsType[*cairn.ConflictError](err)
	if !ok || !errors.Is(err, cairn.ErrConflict) {
		k.Fatalf("got %v, want a conflict", err)
	}
	same(k, "head after a conflict", k.head(), before)
	return c
}

// conflictsNameWhatIsInTheWay checks the positions that a conflict lists.
func conflictsNameWhatIsInTheWay(k *kit) {
	for i := range 10 {
		k.append("s", cairn.Revision(2*i-1), "a", "b")
		k.append("other", cairn.Any, "c")
	}
	whole := k.read("s", cairn.ReadOptions{})
	for expected, n := range map[cairn.Revision]int{cairn.NoStream: 16, 0: 16, 3: 16, 4: 15, 18: 1, 20: 0, 1000: 0, cairn.TombstoneRevision: 0} {
		c := k.conflict(cairn.Batch{Writes: []cairn.Write{{Stream: "s", Expected: expected, Events: events("x")}}})
		same(k, "stream", c.Stream, "s")
		same(k, "expected", c.Expected, expected)
		same(k, "actual", c.Actual, 19)
		same(k, "query", c.Query == nil, true)
		var want []cairn.Position
		if n > 0 {
			want = positions(whole[expected+1:][:n])
		}
		equal(k, "in the way of "+expected.String(), c.Positions, want)
	}
}

// conflictsOfMissingStreams have nothing in the way.
func conflictsOfMissingStreams(k *kit) {
	for _, expected := range []cairn.Revision{0, 7, cairn.StreamExists} {
		c := k.conflict(cairn.Batch{Writes: []cairn.Write{{Stream: "missing", Expected: expected, Events: events("x")}}})
		same(k, "expected", c.Expected, expected)
		same(k, "actual", c.Actual, cairn.NoStream)
		same(k, "in the way", len(c.Positions), 0)
		same(k, "others", len(c.Others), 0)
	}
}

// conflictsAreAllTold lists every failed expectation and condition of a batch:
// writes before conditions, each in order.
func conflictsAreAllTold(k *kit) {
	k.append("a", cairn.NoStream, "1")
	k.put("b", cairn.NoStream, cairn.Event{Type: "2", Tags: []string{"t"}})
	c := k.conflict(cairn.Batch{
		Writes: []cairn.Write{
			{Stream: "a", Expected: cairn.NoStream, Events: events("x")},
			{Stream: "fine", Expected: cairn.NoStream, Events: events("x")},
			{Stream: "b", Expected: 7, Events: events("x")},
		},
		Conditions: []cairn.Condition{
			cairn.NoneAfter(0, cairn.ByTag("t")),
			cairn.StreamAt("a", 0),
			cairn.StreamAt("missing", cairn.StreamExists),
		},
	})
	all := append([]*cairn.ConflictError{c}, c.Others...)
	if len(all) != 4 {
		k.Fatalf("got %d conflicts, want 4: %v", len(all), all)
	}
	for i, want := range []cairn.ConflictError{
		{Stream: "a", Expected: cairn.NoStream, Actual: 0},
		{Stream: "b", Expected: 7, Actual: 0},
		{},
		{Stream: "missing", Expected: cairn.StreamExists, Actual: cairn.NoStream},
	} {
		got := all[i]
		same(k, "stream", got.Stream, want.Stream)
		same(k, "expected", got.Expected, want.Expected)
		same(k, "actual", got.Actual, want.Actual)
		same(k, "others of another", i > 0 && len(got.Others) > 0, false)
	}
	equal(k, "in the way of the query", all[2].Positions, []cairn.Position{2})
	equal(k, "events of the query", types(all[2].Events), []string{"2"})
}

// deletionsWinOverConflicts: a deleted stream is reported before anything else.
func deletionsWinOverConflicts(k *kit) {
	k.append("live", cairn.NoStream, "a")
	k.delete("closed", cairn.Tombstone)
	before := k.head()
	_, err := k.store.Commit(k.ctx, cairn.Batch{
		Writes: []cairn.Write{
			{Stream: "live", Expected: 7, Events: events("x")},
			{Stream: "closed", Expected: cairn.Any, Events: events("x")},
		},
		Conditions: []cairn.Condition{cairn.StreamAt("live", 8)},
	})
	deleted(k, "batch", err, "closed", true)
	same(k, "head", k.head(), before)
}

// deleted checks that an error is that of a deleted stream.
func deleted(k *kit, what string, err error, stream string, tombstone bool) {
	k.Helper()
	e, ok := errors.AsType[*cairn.DeletedError](err)
	if !ok || !errors.Is(err, cairn.ErrStreamDeleted) {
		k.Errorf("%s: got %v, want that stream %q is deleted", what, err, stream)
		return
	}
	same(k, what+": stream", e.Stream, stream)
	same(k, what+": tombstone", e.Tombstone, tombstone)
}
