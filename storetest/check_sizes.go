package storetest

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/cairndb/cairn"
)

// bigEvents stores events up to the limit, alone and in a batch of the limit.
func bigEvents(k *kit) {
	data := make([]byte, cairn.MaxEventSize)
	rand.NewChaCha8([32]byte{7}).Read(data)
	for i, n := range []int{1 << 20, cairn.MaxEventSize - 100, cairn.MaxEventSize} {
		k.put("big", cairn.Revision(i-1), cairn.Event{Type: "x", Data: data[:n]})
	}
	half := cairn.Event{Type: "x", Data: data[:1<<20], Metadata: data[1<<20 : 9<<20], Tags: []string{"big"}}
	k.put("big", 2, half, half, half, half, half, half)
	sizes := []int{1 << 20, cairn.MaxEventSize - 100, cairn.MaxEventSize}
	for i, e := range k.read("big", cairn.ReadOptions{Before: 3}) {
		same(k, "is what was stored", bytes.Equal(e.Data, data[:sizes[i]]), true)
	}
	n := 0
	for e, err := range k.store.ReadAll(k.ctx, cairn.AllOptions{Query: cairn.ByTag("big")}) {
		if err != nil || !bytes.Equal(e.Metadata, half.Metadata) || !bytes.Equal(e.Data, half.Data) {
			k.Fatalf("event %d is not what was stored (%v)", n, err)
		}
		n++
	}
	same(k, "events", n, 6)
}

// manyEvents stores as many in one batch as are allowed.
func manyEvents(k *kit) {
	r := k.put("s", cairn.NoStream, slices.Repeat([]cairn.Event{{Type: "x"}}, cairn.MaxBatchEvents)...)
	same(k, "revision", r.Revision, cairn.MaxBatchEvents-1)
	same(k, "position", r.Position, cairn.MaxBatchEvents)
	newest := k.read("s", cairn.ReadOptions{Backward: true, Limit: 1})
	same(k, "newest", newest[0].Revision, cairn.MaxBatchEvents-1)
	n := 0
	for e, err := range k.store.ReadStream(k.ctx, "s", cairn.ReadOptions{}) {
		if err != nil || e.Revision != cairn.Revision(n) {
			k.Fatalf("event %d: revision %v, %v", n, e.Revision, err)
		}
		n++
	}
	same(k, "events", n, cairn.MaxBatchEvents)
}

// timesRise: the store never gives an event an earlier time than the one before.
func timesRise(k *kit) {
	begin := time.Now()
	for range 100 {
		k.append("s", cairn.Any, "a", "b")
	}
	end := time.Now()
	last := begin.Add(-time.Second)
	for _, e := range k.all(cairn.AllOptions{}) {
		if e.Time.Before(last) || e.Time.After(end.Add(time.Second)) {
			k.Errorf("the event at %d has the time %v, the one before %v, appended from %v to %v", e.Position, e.Time, last, begin, end)
		}
		last = e.Time
	}
}

// timesAreKept that the caller set, and do not bend those that the store sets.
func timesAreKept(k *kit) {
	far := time.Date(2200, 2, 3, 4, 5, 6, 123456789, time.FixedZone("", 3600))
	past := time.Date(1700, 2, 3, 4, 5, 6, 7, time.UTC)
	begin := time.Now()
	k.put("s", cairn.NoStream, cairn.Event{Type: "a", Time: far}, cairn.Event{Type: "b"}, cairn.Event{Type: "c", Time: past})
	k.append("s", 2, "d")
	if !k.lack(Reopening) {
		k.again()
	}
	k.append("s", 3, "e")
	got := k.read("s", cairn.ReadOptions{})
	same(k, "the future", got[0].Time.Equal(far), true)
	same(k, "the past", got[2].Time.Equal(past), true)
	for _, i := range []int{1, 3, 4} {
		if t := got[i].Time; t.Before(begin.Add(-time.Second)) || t.After(time.Now().Add(time.Second)) {
			k.Errorf("event %d has the time %v", i, t)
		}
	}
}
