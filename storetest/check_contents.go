package storetest

import (
	"slices"

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
