package storetest

import (
	"fmt"
	"slices"

	"github.com/cairndb/cairn"
)

// interleave makes a stream of nine events, each followed by one elsewhere.
func interleave(k *kit, stream string) {
	for i := range 9 {
		k.commit(cairn.Batch{Writes: []cairn.Write{
			{Stream: stream, Expected: cairn.Revision(i - 1), Events: events("mine")},
			{Stream: "other", Expected: cairn.Any, Events: events("other")},
		}})
	}
}

// rangesOfStream reads every range of a stream in both directions.
func rangesOfStream(k *kit) {
	interleave(k, "s-1")
	for _, hidden := range []cairn.Revision{0, 4, 9} {
		k.describe("s-1", cairn.StreamMetadata{TruncateBefore: hidden})
		for o := range streamRanges() {
			var want []cairn.Revision
			for r := max(o.From, hidden); r < 9 && (o.Before == 0 || r < o.Before); r++ {
				want = append(want, r)
			}
			want = cut(want, o.Backward, o.Limit)
			equal(k, fmt.Sprintf("%+v, before %d hidden", o, hidden), revisions(k.read("s-1", o)), want)
		}
	}
}

func streamRanges() func(func(cairn.ReadOptions) bool) {
	return func(yield func(cairn.ReadOptions) bool) {
		for from := cairn.Revision(0); from < 11; from++ {
			for before := cairn.Revision(0); before < 12; before++ {
				for limit := range 3 {
					o := cairn.ReadOptions{From: from, Before: before, Limit: 2 * limit}
					back := o
					back.Backward = true
					if !yield(o) || !yield(back) {
						return
					}
				}
			}
		}
	}
}

// cut turns and shortens what an unlimited forward read would yield.
func cut[V any](list []V, backward bool, limit int) []V {
	if backward {
		slices.Reverse(list)
	}
	if limit > 0 {
		list = list[:min(limit, len(list))]
	}
	return list
}

// rangesOfLog reads every range of the log in both directions, whole and
// through a filter.
func rangesOfLog(k *kit) {
	interleave(k, "s-1")
	whole := k.all(cairn.AllOptions{})
	for _, query := range []cairn.Query{nil, cairn.ByType("mine"), cairn.ByType("none")} {
		for after := range k.head() + 2 {
			for before := range k.head() + 3 {
				for limit := range 3 {
					rangeOfLog(k, whole, cairn.AllOptions{After: after, Before: before, Limit: limit, Query: query})
				}
			}
		}
	}
}

func rangeOfLog(k *kit, whole []cairn.Recorded, o cairn.AllOptions) {
	k.Helper()
	for _, o.Backward = range []bool{false, true} {
		var want []cairn.Position
		for _, e := range whole {
			if e.Position > o.After && (o.Before == 0 || e.Position < o.Before) && o.Query.Match(&e) {
				want = append(want, e.Position)
			}
		}
		want = cut(want, o.Backward, o.Limit)
		if got := positions(k.all(o)); !slices.Equal(got, want) {
			k.Errorf("%+v: got %v, want %v", o, got, want)
		}
	}
}

// rangesFarOut reads beyond the ends: nothing is there, and that is no error.
func rangesFarOut(k *kit) {
	k.append("s-1", cairn.NoStream, "a", "b")
	const far = 1<<63 - 1
	for _, backward := range []bool{false, true} {
		same(k, "far from", len(k.read("s-1", cairn.ReadOptions{From: far, Backward: backward})), 0)
		same(k, "far before", len(k.read("s-1", cairn.ReadOptions{Before: far, Backward: backward})), 2)
		same(k, "far after", len(k.all(cairn.AllOptions{After: 1<<64 - 1, Backward: backward})), 0)
		same(k, "far before", len(k.all(cairn.AllOptions{Before: 1<<64 - 1, Backward: backward})), 2)
		same(k, "big limit", len(k.all(cairn.AllOptions{Limit: far, Backward: backward})), 2)
		same(k, "missing", len(k.read("missing", cairn.ReadOptions{Backward: backward})), 0)
		same(k, "missing metadata", len(k.read("$$missing", cairn.ReadOptions{Backward: backward})), 0)
	}
}
