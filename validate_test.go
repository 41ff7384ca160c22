package cairn_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
)

func TestValidateStream(t *testing.T) {
	for stream, fine := range map[string]bool{
		"s": true, "a\x00b": true, "日本-1": true, "$system": true, "$$s": true, "$$$s": true, "-": true, "$": true,
		strings.Repeat("x", cairn.MaxStreamName): true,
		"":                                       false, "$$": false, "$$$$": false, "$$$$s": false, "$all": false, "a\xff": false,
		strings.Repeat("x", cairn.MaxStreamName+1): false,
	} {
		want := "some field"
		if fine {
			want = ""
		}
		checkField(t, stream, cairn.ValidateStream("some field", stream), want)
	}
}

// write is a batch of one write.
func write(w cairn.Write) cairn.Batch { return cairn.Batch{Writes: []cairn.Write{w}} }

// record is a batch of one event.
func record(e cairn.Event) cairn.Batch {
	return write(cairn.Write{Stream: "s", Expected: cairn.Any, Events: []cairn.Event{e}})
}

func TestBatchValidate(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	big := make([]byte, cairn.MaxEventSize+1)
	keep := cairn.Write{Stream: "s", Expected: cairn.Any}
	drop := cairn.Write{Stream: "s", Expected: cairn.Any, Delete: cairn.SoftDelete}
	elsewhere := cairn.Write{Stream: "t", Expected: cairn.Any}
	for _, tc := range []struct {
		name  string
		batch cairn.Batch
		field string // empty if the batch is fine
	}{
		{"nothing", cairn.Batch{}, ""},
		{"no events", write(keep), ""},
		{"a revision", write(cairn.Write{Stream: "s", Expected: 0}), ""},
		{"stream exists", write(cairn.Write{Stream: "s", Expected: cairn.StreamExists}), ""},
		{"the largest event", record(cairn.Event{Type: "x", Data: big[:cairn.MaxEventSize]}), ""},
		{"the longest names", record(cairn.Event{Type: long(cairn.MaxTypeName), Tags: []string{long(cairn.MaxTag)}}), ""},
		{"the most tags", record(cairn.Event{Type: "x", Tags: slices.Repeat([]string{"t"}, cairn.MaxTags)}), ""},
		{"an old time", record(cairn.Event{Type: "x", Time: time.Date(1678, 1, 2, 0, 0, 0, 0, time.UTC)}), ""},
		{"the longest key", cairn.Batch{Key: long(cairn.MaxKey)}, ""},
		{"a deletion", write(drop), ""},
		{"a deletion elsewhere", cairn.Batch{Writes: []cairn.Write{drop, elsewhere, elsewhere}}, ""},
		{"the most events", write(cairn.Write{Stream: "s", Expected: cairn.Any, Events: slices.Repeat([]cairn.Event{{Type: "x"}}, cairn.MaxBatchEvents)}), ""},

		{"no stream", write(cairn.Write{Expected: cairn.Any}), "stream"},
		{"soft-deleted", write(cairn.Write{Stream: "s", Expected: cairn.SoftDeleted}), "expected"},
		{"-3", write(cairn.Write{Stream: "s", Expected: -3}), "expected"},
		{"the second write", cairn.Batch{Writes: []cairn.Write{keep, {Stream: "s", Expected: -3}}}, "writes[1].expected"},
		{"an event of it", cairn.Batch{Writes: []cairn.Write{keep, {Stream: "s", Events: []cairn.Event{{Type: "x"}, {}}}}}, "writes[1].events[1].type"},
		{"no type", record(cairn.Event{}), "events[0].type"},
		{"a long type", record(cairn.Event{Type: long(cairn.MaxTypeName + 1)}), "events[0].type"},
		{"a long tag", record(cairn.Event{Type: "x", Tags: []string{long(cairn.MaxTag + 1)}}), "events[0].tags"},
		{"an empty tag", record(cairn.Event{Type: "x", Tags: []string{""}}), "events[0].tags"},
		{"too many tags", record(cairn.Event{Type: "x", Tags: slices.Repeat([]string{"t"}, cairn.MaxTags+1)}), "events[0].tags"},
		{"a large event", record(cairn.Event{Type: "x", Data: big}), "events[0].size in bytes"},
		{"large together", record(cairn.Event{Type: "x", Data: big[1:], Metadata: big[:1]}), "events[0].size in bytes"},
		{"a format", record(cairn.Event{Type: "x", Format: 4}), "events[0].format"},
		{"too old", record(cairn.Event{Type: "x", Time: time.Date(1677, 1, 1, 0, 0, 0, 0, time.UTC)}), "events[0].time"},
		{"too late", record(cairn.Event{Type: "x", Time: time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC)}), "events[0].time"},

		{"a deletion", write(cairn.Write{Stream: "s", Delete: 3}), "delete"},
		{"of metadata", write(cairn.Write{Stream: "$$s", Delete: cairn.Tombstone}), "delete"},
		{"with events", write(cairn.Write{Stream: "s", Delete: cairn.Tombstone, Events: []cairn.Event{{Type: "x"}}}), "events"},
		{"deletion and write", cairn.Batch{Writes: []cairn.Write{drop, elsewhere, keep}}, "writes[2].stream"},
		{"write and deletion", cairn.Batch{Writes: []cairn.Write{keep, keep, drop}}, "writes[2].stream"},
		{"two deletions", cairn.Batch{Writes: []cairn.Write{drop, drop}}, "writes[1].stream"},

		{"a long key", cairn.Batch{Key: long(cairn.MaxKey + 1)}, "key"},
		{"a bad key", cairn.Batch{Key: "\xff"}, "key"},
		{"too many writes", cairn.Batch{Writes: make([]cairn.Write, cairn.MaxBatchWrites+1)}, "writes"},
		{"too many conditions", cairn.Batch{Conditions: make([]cairn.Condition, cairn.MaxConditions+1)}, "conditions"},
		{"too many events", write(cairn.Write{Stream: "s", Events: slices.Repeat([]cairn.Event{{Type: "x"}}, cairn.MaxBatchEvents+1)}), "events"},
		{"too large", write(cairn.Write{Stream: "s", Events: slices.Repeat([]cairn.Event{{Type: "x", Data: big[1:]}}, 4)}), "batch size in bytes"},
	} {
		checkField(t, tc.name, tc.batch.Validate(), tc.field)
	}
}

func TestConditionValidate(t *testing.T) {
	for field, list := range map[string][]cairn.Condition{
		"": {
			cairn.StreamAt("s", 0), cairn.StreamAt("s", cairn.NoStream), cairn.StreamAt("s", cairn.StreamExists),
			cairn.StreamAt("s", cairn.SoftDeleted), cairn.StreamAt("$$s", cairn.Tombstoned), cairn.NoneAfter(1, cairn.ByType("x")),
		},
		"stream":   {{}, {Expected: 3}, cairn.NoneAfter(1, nil), cairn.StreamAt("$all", 1), cairn.StreamAt("\xff", 1)},
		"expected": {cairn.StreamAt("s", cairn.Any), cairn.StreamAt("s", -3), cairn.StreamAt("s", -7)},
		"query":    {cairn.NoneAfter(1, cairn.Query{}), {Stream: "s", Query: cairn.ByType("x")}},

		"query[0].types[0]": {cairn.NoneAfter(1, cairn.ByType(""))},
	} {
		for _, c := range list {
			b := cairn.Batch{Conditions: []cairn.Condition{cairn.StreamAt("s", 0), c}}
			want := ""
			if field != "" {
				want = "conditions[1]." + field
			}
			checkField(t, field, b.Validate(), want)
		}
	}
}

func TestOptionsValidate(t *testing.T) {
	for field, o := range map[string]cairn.ReadOptions{
		"": {From: 3, Before: 1, Limit: 1, Follow: true}, "from": {From: -1}, "before": {Before: -1},
		"limit": {Limit: -1}, "follow": {Follow: true, Backward: true},
	} {
		checkField(t, "stream", o.Validate(), field)
	}
	for field, o := range map[string]cairn.AllOptions{
		"": {After: 3, Before: 1, Limit: 1, Follow: true}, "limit": {Limit: -1},
		"follow": {Follow: true, Backward: true}, "query": {Query: cairn.Query{}},
	} {
		checkField(t, "log", o.Validate(), field)
	}
}

func TestLimitsAreStated(t *testing.T) {
	for _, tc := range []struct {
		batch cairn.Batch
		limit int64
	}{
		{cairn.Batch{Key: strings.Repeat("x", cairn.MaxKey+1)}, cairn.MaxKey},
		{record(cairn.Event{Type: "x", Data: make([]byte, cairn.MaxEventSize+1)}), cairn.MaxEventSize},
		{record(cairn.Event{Type: "x", Tags: slices.Repeat([]string{"t"}, 65)}), cairn.MaxTags},
		{write(cairn.Write{Stream: strings.Repeat("x", 1025)}), cairn.MaxStreamName},
	} {
		e, ok := errors.AsType[*cairn.InvalidError](tc.batch.Validate())
		if !ok || e.Limit != tc.limit {
			t.Errorf("got %+v, want the limit %d", e, tc.limit)
		}
	}
}
