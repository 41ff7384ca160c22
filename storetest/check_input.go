package storetest

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/cairndb/cairn"
)

// wrong checks that an error names the field that is malformed.
func wrong(k *kit, what string, err error, field string) {
	k.Helper()
	e, ok := errors.AsType[*cairn.InvalidError](err)
	if !ok || !errors.Is(err, cairn.ErrInvalid) {
		k.Errorf("%s: got %v, want an invalid %s", what, err, field)
	} else if e.Field != field {
		k.Errorf("%s: the error names %q, want %q: %v", what, e.Field, field, err)
	}
}

// nothingStored checks that bad input left no trace.
func nothingStored(k *kit) {
	k.Helper()
	same(k, "head after bad input", k.head(), 0)
}

// long is a string of n bytes.
func long(n int) string { return strings.Repeat("x", n) }

// badStreams are refused wherever a stream is named.
func badStreams(k *kit) {
	defer nothingStored(k)
	for what, stream := range map[string]string{
		"empty": "", "long": long(cairn.MaxStreamName + 1), "not UTF-8": "a\xffb", "$$": "$$",
		"metadata of metadata": "$$$$s", "the log": "$all",
	} {
		_, err := k.store.Append(k.ctx, stream, cairn.Any, events("x")...)
		wrong(k, what+", append", err, "stream")
		_, err = k.store.Commit(k.ctx, cairn.Batch{Writes: []cairn.Write{{Stream: "fine", Expected: cairn.Any, Events: events("x")}, {Stream: stream, Expected: cairn.Any}}})
		wrong(k, what+", commit", err, "writes[1].stream")
		_, err = k.store.StreamInfo(k.ctx, stream)
		wrong(k, what+", info", err, "stream")
		got, err := cairn.Collect(k.store.ReadStream(k.ctx, stream, cairn.ReadOptions{}))
		wrong(k, what+", read", err, "stream")
		same(k, what+": events", len(got), 0)
	}
}

// badEvents are refused with the path to what is wrong in them.
func badEvents(k *kit) {
	defer nothingStored(k)
	tags := slices.Repeat([]string{"t"}, cairn.MaxTags+1)
	for field, list := range map[string][]cairn.Event{
		"type": {{}, {Type: long(cairn.MaxTypeName + 1)}, {Type: "\xff"}},
		"tags": {{Type: "x", Tags: []string{""}}, {Type: "x", Tags: []string{long(cairn.MaxTag + 1)}},
			{Type: "x", Tags: []string{"\xff"}}, {Type: "x", Tags: tags}},
		"format": {{Type: "x", Format: 4}, {Type: "x", Format: 255}},
		"time":   {{Type: "x", Time: time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC)}, {Type: "x", Time: time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)}},
	} {
		for _, e := range list {
			_, err := k.store.Append(k.ctx, "s", cairn.Any, cairn.Event{Type: "fine"}, e)
			wrong(k, "append", err, "events[1]."+field)
			_, err = k.store.Commit(k.ctx, cairn.Batch{Writes: []cairn.Write{{Stream: "s", Expected: cairn.Any}, {Stream: "s", Expected: cairn.Any, Events: []cairn.Event{e}}}})
			wrong(k, "commit", err, "writes[1].events[0]."+field)
		}
	}
}

// badSizes are over a limit, which the error states.
func badSizes(k *kit) {
	defer nothingStored(k)
	big := make([]byte, cairn.MaxEventSize)
	over := func(what string, err error, field string, limit int64) {
		k.Helper()
		wrong(k, what, err, field)
		if e, ok := errors.AsType[*cairn.InvalidError](err); ok {
			same(k, what+": limit", e.Limit, limit)
		}
	}
	for _, e := range []cairn.Event{
		{Type: "x", Data: big, Metadata: []byte("m")},
		{Type: "x", Data: big, Tags: []string{"t"}},
		{Type: "x", Data: big[:len(big)/2], Metadata: big[:len(big)/2+1]},
	} {
		_, err := k.store.Append(k.ctx, "s", cairn.Any, e)
		over("event", err, "events[0].size in bytes", cairn.MaxEventSize)
	}
	_, err := k.store.Append(k.ctx, "s", cairn.Any, slices.Repeat([]cairn.Event{{Type: "x", Data: big}}, 5)...)
	over("batch", err, "batch size in bytes", cairn.MaxBatchSize)
	_, err = k.store.Append(k.ctx, "s", cairn.Any, slices.Repeat([]cairn.Event{{Type: "x"}}, cairn.MaxBatchEvents+1)...)
	over("events", err, "events", cairn.MaxBatchEvents)
	_, err = k.store.Commit(k.ctx, cairn.Batch{Writes: slices.Repeat([]cairn.Write{{Stream: "s", Expected: cairn.Any}}, cairn.MaxBatchWrites+1)})
	over("writes", err, "writes", cairn.MaxBatchWrites)
	_, err = k.store.Commit(k.ctx, cairn.Batch{Conditions: slices.Repeat([]cairn.Condition{cairn.StreamAt("s", cairn.NoStream)}, cairn.MaxConditions+1)})
	over("conditions", err, "conditions", cairn.MaxConditions)
	_, err = k.store.Commit(k.ctx, cairn.Batch{Key: long(cairn.MaxKey + 1)})
	over("key", err, "key", cairn.MaxKey)
}

// badWrites are refused whatever their streams hold.
func badWrites(k *kit) {
	defer nothingStored(k)
	for _, r := range []cairn.Revision{-3, cairn.SoftDeleted, cairn.Tombstoned, -7, -1 << 63} {
		_, err := k.store.Append(k.ctx, "s", r, events("x")...)
		wrong(k, "expected "+r.String(), err, "expected")
	}
	one := func(w cairn.Write) error {
		_, err := k.store.Commit(k.ctx, cairn.Batch{Writes: []cairn.Write{w}})
		return err
	}
	wrong(k, "unknown deletion", one(cairn.Write{Stream: "s", Expected: cairn.Any, Delete: 9}), "delete")
	wrong(k, "metadata", one(cairn.Write{Stream: "$$s", Expected: cairn.Any, Delete: cairn.SoftDelete}), "delete")
	wrong(k, "events", one(cairn.Write{Stream: "s", Expected: cairn.Any, Delete: cairn.Tombstone, Events: events("x")}), "events")
	keep := cairn.Write{Stream: "s", Expected: cairn.Any, Events: events("x")}
	drop := cairn.Write{Stream: "s", Expected: cairn.Any, Delete: cairn.Tombstone}
	for _, writes := range [][]cairn.Write{{keep, drop}, {drop, keep}, {drop, drop}} {
		_, err := k.store.Commit(k.ctx, cairn.Batch{Writes: writes})
		wrong(k, "delete and write", err, "writes[1].stream")
	}
	_, err := k.store.Commit(k.ctx, cairn.Batch{Key: "\xff"})
	wrong(k, "key", err, "key")
}

// badConditions have no form, two forms, or an expectation of no state.
func badConditions(k *kit) {
	defer nothingStored(k)
	for field, c := range map[string]cairn.Condition{
		"stream":              {},
		"query":               {Stream: "s", Query: cairn.ByType("x")},
		"expected":            cairn.StreamAt("s", cairn.Any),
		"query[0].types":      cairn.NoneAfter(0, cairn.ByType([]string{}...)),
		"query[1].categories": cairn.NoneAfter(0, cairn.Query{{}, {Categories: []string{}}}),
	} {
		_, err := k.store.Commit(k.ctx, cairn.Batch{Conditions: []cairn.Condition{cairn.StreamAt("s", cairn.NoStream), c}})
		wrong(k, "condition", err, "conditions[1]."+field)
	}
	_, err := k.store.Commit(k.ctx, cairn.Batch{Conditions: []cairn.Condition{cairn.StreamAt("$all", 1)}})
	wrong(k, "stream", err, "conditions[0].stream")
	for _, r := range []cairn.Revision{-3, -7} {
		_, err := k.store.Commit(k.ctx, cairn.Batch{Conditions: []cairn.Condition{cairn.StreamAt("s", r)}})
		wrong(k, "expected", err, "conditions[0].expected")
	}
}

// badQueries can match nothing, which is a mistake.
func badQueries(k *kit) {
	defer nothingStored(k)
	for field, q := range map[string]cairn.Query{
		"query":                  {},
		"query[0].types":         cairn.ByType([]string{}...),
		"query[0].types[0]":      cairn.ByType(""),
		"query[0].tags":          {{Tags: slices.Repeat([]string{"t"}, cairn.MaxTags+1)}},
		"query[0].tags[1]":       cairn.ByTag("t", "\xff"),
		"query[0].categories[0]": cairn.ByCategory("order-1"),
		"query[0].streams":       {{Streams: []string{"order-1"}, Categories: []string{"user"}}},
		"query[1].prefixes":      {{Types: []string{"x"}}, {Prefixes: []string{"order-1"}, Categories: []string{"user"}}},
		"criteria of query":      {{Types: slices.Repeat([]string{"x"}, cairn.MaxCriteria+1)}},
	} {
		_, err := cairn.Collect(k.store.ReadAll(k.ctx, cairn.AllOptions{Query: q}))
		wrong(k, "read", err, field)
	}
	_, err := cairn.Collect(k.store.ReadAll(k.ctx, cairn.AllOptions{Query: make(cairn.Query, cairn.MaxFilters+1)}))
	wrong(k, "filters", err, "query")
}

// badOptions contradict themselves or are below their range.
func badOptions(k *kit) {
	defer nothingStored(k)
	for field, o := range map[string]cairn.ReadOptions{
		"from": {From: -1}, "before": {Before: -1}, "limit": {Limit: -1}, "follow": {Follow: true, Backward: true},
	} {
		_, err := cairn.Collect(k.store.ReadStream(k.ctx, "s", o))
		wrong(k, "read", err, field)
	}
	for field, o := range map[string]cairn.AllOptions{"limit": {Limit: -1}, "follow": {Follow: true, Backward: true}} {
		_, err := cairn.Collect(k.store.ReadAll(k.ctx, o))
		wrong(k, "read all", err, field)
	}
}
