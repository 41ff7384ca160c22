package storetest

import (
	"fmt"

	"github.com/cairndb/cairn"
)

// A retry is an append to a stream that holds the events 0, 1 and 2 at the
// revisions 0, 1 and 2.
type retry struct {
	expected cairn.Revision
	events   []int
	outcome  string
	revision cairn.Revision // of the receipt, if the outcome is ok
	again    bool           // the receipt says that it is a duplicate
}

// byRevision are retries that are recognised for ever.
var byRevision = []retry{
	{cairn.NoStream, []int{0}, ok, 0, true},
	{cairn.NoStream, []int{0, 1}, ok, 1, true},
	{cairn.NoStream, []int{0, 1, 2}, ok, 2, true},
	{cairn.NoStream, []int{0, 1, 2, 3}, at2, 0, false},
	{cairn.NoStream, []int{1}, at2, 0, false},
	{cairn.NoStream, []int{0, 2}, at2, 0, false},
	{cairn.NoStream, []int{3}, at2, 0, false},
	{cairn.NoStream, []int{}, at2, 0, false},
	{0, []int{1}, ok, 1, true},
	{0, []int{1, 2}, ok, 2, true},
	{0, []int{0}, at2, 0, false},
	{0, []int{1, 2, 3}, at2, 0, false},
	{1, []int{2}, ok, 2, true},
	{1, []int{2, 2}, at2, 0, false},
	{2, []int{2}, ok, 3, false},
	{2, []int{0, 1}, ok, 4, false},
	{3, []int{0}, at2, 0, false},
}

// byRecall are retries that are recognised while the store remembers.
var byRecall = []retry{
	{cairn.Any, []int{0}, ok, 0, true},
	{cairn.Any, []int{1}, ok, 1, true},
	{cairn.Any, []int{0, 1, 2}, ok, 2, true},
	{cairn.Any, []int{2, 0}, ok, 0, true},
	{cairn.Any, []int{0, 3}, at2, 0, false},
	{cairn.Any, []int{3, 0}, ok, 4, false},
	{cairn.StreamExists, []int{1, 2}, ok, 2, true},
	{cairn.StreamExists, []int{2, 3}, at2, 0, false},
	{cairn.StreamExists, []int{3}, ok, 3, false},
}

func retriesByRevision(k *kit) { tryRetries(k, byRevision, func() {}) }

func retriesByRecall(k *kit) { tryRetries(k, byRecall, func() {}) }

func retriesAfterReopening(k *kit) { tryRetries(k, byRevision, k.again) }

func tryRetries(k *kit, list []retry, between func()) {
	ids := make([][]cairn.Event, len(list))
	first := make([]map[cairn.Revision]cairn.Position, len(list))
	for i := range list {
		ids[i] = events("0", "1", "2", "3")
		stream := fmt.Sprint("s-", i)
		a := k.put(stream, cairn.NoStream, ids[i][0])
		b := k.put(stream, 0, ids[i][1:3]...)
		first[i] = map[cairn.Revision]cairn.Position{0: a.Position, 1: b.Position - 1, 2: b.Position}
	}
	between()
	for i, r := range list {
		r.try(k, fmt.Sprint("s-", i), ids[i], first[i])
	}
}

func (r *retry) try(k *kit, stream string, ids []cairn.Event, first map[cairn.Revision]cairn.Position) {
	what := fmt.Sprintf("expecting %v, events %v", r.expected, r.events)
	var list []cairn.Event
	for _, i := range r.events {
		list = append(list, ids[i])
	}
	before := k.head()
	got, err := k.store.Append(k.ctx, stream, r.expected, list...)
	same(k, what, outcome(err), r.outcome)
	if err != nil || r.outcome != ok {
		same(k, what+": head", k.head(), before)
		return
	}
	want := cairn.Receipt{Revision: r.revision, Position: before + cairn.Position(len(list)), Duplicate: r.again}
	if r.again {
		want.Position = first[r.revision]
	}
	same(k, what, got, want)
	same(k, what+": last", k.info(stream).Last, max(2, r.revision))
}

// retriesOfRepeats appends one event six times at once, as the KurrentDB tests do.
func retriesOfRepeats(k *kit) {
	e := events("x")[0]
	six := []cairn.Event{e, e, e, e, e, e}
	first := k.put("s", cairn.NoStream, six...)
	same(k, "revision", first.Revision, 5)
	same(k, "expecting no stream", k.put("s", cairn.NoStream, six...), cairn.Receipt{Revision: 5, Position: first.Position, Duplicate: true})
	if !k.lack(Recall) {
		same(k, "expecting any", k.put("s", cairn.Any, six...), cairn.Receipt{Revision: 0, Position: first.Position - 5, Duplicate: true})
	}
	same(k, "events", len(k.read("s", cairn.ReadOptions{})), 6)
}

// retriesWithoutIDs cannot be recognised: the store makes a new ID each time.
func retriesWithoutIDs(k *kit) {
	e := cairn.Event{Type: "x"}
	k.put("s", cairn.NoStream, e)
	_, err := k.store.Append(k.ctx, "s", cairn.NoStream, e)
	same(k, "expecting no stream", outcome(err), "conflict: 0")
	k.put("s", cairn.Any, e, e)
	seen := map[cairn.ID]bool{}
	for _, e := range k.read("s", cairn.ReadOptions{}) {
		if e.ID.IsZero() || seen[e.ID] {
			k.Errorf("the store gave the ID %v", e.ID)
		}
		seen[e.ID] = true
	}
	same(k, "events", len(seen), 3)
}

// retriesAfterDeletion are new events: the old ones are gone.
func retriesAfterDeletion(k *kit) {
	list := events("a", "b")
	k.put("s", cairn.NoStream, list...)
	k.delete("s", cairn.SoftDelete)
	r := k.put("s", cairn.NoStream, list...)
	same(k, "revision", r.Revision, 3)
	same(k, "duplicate", r.Duplicate, false)
	equal(k, "revisions", revisions(k.read("s", cairn.ReadOptions{})), []cairn.Revision{2, 3})
}

// retriesOfBatches recognises a batch if every stream recognises its events.
func retriesOfBatches(k *kit) {
	a, b, c := events("a", "a"), events("b"), events("c")
	batch := cairn.Batch{Writes: []cairn.Write{
		{Stream: "a", Expected: cairn.NoStream, Events: a[:1]},
		{Stream: "b", Expected: cairn.NoStream, Events: b},
		{Stream: "a", Expected: cairn.NoStream, Events: a[1:]},
	}, Conditions: []cairn.Condition{cairn.StreamAt("d", cairn.NoStream)}}
	first := k.commit(batch)
	equal(k, "revisions", first.Revisions, []cairn.Revision{0, 0, 1})
	k.append("a", 1, "later")
	k.append("d", cairn.NoStream, "the condition fails from now on")
	again := k.commit(batch)
	equal(k, "revisions of the retry", again.Revisions, first.Revisions)
	same(k, "position of the retry", again.Position, first.Position)
	same(k, "duplicate", again.Duplicate, true)

	before := k.head()
	batch.Writes = append(batch.Writes, cairn.Write{Stream: "c", Expected: cairn.NoStream, Events: c})
	batch.Conditions = nil
	_, err := k.store.Commit(k.ctx, batch)
	same(k, "half known", outcome(err), "conflict: 2")
	same(k, "head", k.head(), before)
}
