package storetest

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/cairndb/cairn"
)

// contentsAreKept stores every kind of event and reads it back in every way.
func contentsAreKept(k *kit) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	list := []cairn.Event{
		{Type: "x"},
		{Type: "binary", Data: all, Metadata: slices.Repeat(all, 3), Format: cairn.Binary},
		{Type: "a\x00b ü 日本 -$", Data: []byte("\x00"), Format: cairn.Protobuf},
		{Type: long(cairn.MaxTypeName), Tags: []string{long(cairn.MaxTag)}, Format: cairn.Avro},
		{Type: "empty", Data: []byte{}, Metadata: []byte{}, Tags: []string{}},
		{Type: "$system", Tags: []string{"b", "a\x00", "b", "a", "ü", "a"}},
	}
	for i := range list {
		list[i].ID = cairn.NewID()
	}
	streams := []string{"s", "a-b-c", "-", "a\x00b", "日本-1", "$system-1", "$$described", long(cairn.MaxStreamName)}
	for _, stream := range streams {
		k.put(stream, cairn.NoStream, list...)
		if !k.lack(Reopening) {
			k.again()
		}
	}
	for _, e := range list {
		slices.Sort(e.Tags)
	}
	list[5].Tags = slices.Compact(list[5].Tags)
	for i, stream := range streams {
		n := len(list)
		byStream := k.all(cairn.AllOptions{Query: cairn.Query{{Streams: []string{stream}}}})
		compareContents(k, stream+" in the log", k.all(cairn.AllOptions{After: cairn.Position(i * n), Limit: n}), list)
		compareContents(k, stream+" by stream", byStream, list)
		if stream != "$$described" {
			compareContents(k, stream, k.read(stream, cairn.ReadOptions{}), list)
		}
	}
}

func compareContents(k *kit, what string, got []cairn.Recorded, want []cairn.Event) {
	k.Helper()
	same(k, what+": events", len(got), len(want))
	for i := range min(len(got), len(want)) {
		if got[i].ID != want[i].ID {
			k.Errorf("%s: event %d: ID %v, want %v", what, i, got[i].ID, want[i].ID)
		}
		if d := differentContent(&got[i].Event, &want[i]); d != "" {
			k.Errorf("%s: event %d: %s", what, i, d)
		}
	}
}

// bytesBelongToTheCaller changes what was passed in and what was read.
func bytesBelongToTheCaller(k *kit) {
	e := cairn.Event{ID: cairn.NewID(), Type: "x", Data: []byte("data"), Metadata: []byte("meta"), Tags: []string{"b", "a"}}
	k.put("s", cairn.NoStream, e, e)
	equal(k, "the caller's tags", e.Tags, []string{"b", "a"})
	scribble(&e)
	for range 2 {
		for name, read := range everyRead(k.ctx, k) {
			got, err := cairn.Collect(read)
			if err != nil {
				k.Errorf("%s: %v", name, err)
			}
			readsClean(k, name, k.read("s", cairn.ReadOptions{}))
			readsClean(k, name, got)
		}
		readsClean(k, "reads", k.read("s", cairn.ReadOptions{}))
		_, err := k.store.Commit(k.ctx, cairn.Batch{Conditions: []cairn.Condition{cairn.NoneAfter(0, cairn.ByType("x"))}})
		if c := asConflict(err); c != nil {
			readsClean(k, "conflict", c.Events)
		}
	}
	f := k.follow(cairn.AllOptions{})
	e = cairn.Event{Type: "x", Data: []byte("data"), Metadata: []byte("meta"), Tags: []string{"a", "b"}}
	k.put("s", cairn.Any, e)
	scribble(&e)
	readsClean(k, "follow", []cairn.Recorded{f.event(), f.event(), f.event()})
	readsClean(k, "after follow", k.read("s", cairn.ReadOptions{}))
	f.stop()
}

// readsClean checks what was read, and then changes it.
func readsClean(k *kit, what string, got []cairn.Recorded) {
	k.Helper()
	for i := range got {
		e := &got[i].Event
		if string(e.Data) != "data" || string(e.Metadata) != "meta" || !slices.Equal(e.Tags, []string{"a", "b"}) {
			k.Errorf("%s: event %d reads %q, %q, %q", what, i, e.Data, e.Metadata, e.Tags)
		}
		scribble(e)
		e.Data = append(e.Data, "and more that must not run into a neighbour"...)
	}
}

func scribble(e *cairn.Event) {
	for i := range e.Data {
		e.Data[i] = '!'
	}
	for i := range e.Metadata {
		e.Metadata[i] = '!'
	}
	for i := range e.Tags {
		e.Tags[i] = "!"
	}
}

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
