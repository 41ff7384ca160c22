package cairn_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cairndb/cairn"
)

func TestCategory(t *testing.T) {
	for stream, want := range map[string]string{
		"order-1": "order", "order": "order", "order-": "order", "a-b-c": "a", "-x": "", "": "", "$$order-1": "$$order",
	} {
		if got := cairn.Category(stream); got != want {
			t.Errorf("the category of %q is %q, want %q", stream, got, want)
		}
	}
}

func TestQueryMatch(t *testing.T) {
	e := &cairn.Recorded{Stream: "order-1", Event: cairn.Event{Type: "paid", Tags: []string{"a", "b"}}}
	for _, tc := range []struct {
		name  string
		query cairn.Query
		want  bool
	}{
		{"nil", nil, true},
		{"no filter", cairn.Query{}, false},
		{"empty filter", cairn.Query{{}}, true},
		{"type", cairn.ByType("paid"), true},
		{"any of the types", cairn.ByType("placed", "paid"), true},
		{"another type", cairn.ByType("Paid"), false},
		{"part of a type", cairn.ByType("pai"), false},
		{"category", cairn.ByCategory("order"), true},
		{"another category", cairn.ByCategory("ord", "order-1"), false},
		{"tag", cairn.ByTag("b"), true},
		{"all of the tags", cairn.ByTag("b", "a"), true},
		{"not all of the tags", cairn.ByTag("a", "c"), false},
		{"stream", cairn.Query{{Streams: []string{"x", "order-1"}}}, true},
		{"another stream", cairn.Query{{Streams: []string{"order-10", "order"}}}, false},
		{"prefix", cairn.Query{{Prefixes: []string{"x", "ord"}}}, true},
		{"whole name", cairn.Query{{Prefixes: []string{"order-1"}}}, true},
		{"another prefix", cairn.Query{{Prefixes: []string{"rder", "order-1-"}}}, false},
		{"every criterion", cairn.Query{{Types: []string{"paid"}, Tags: []string{"a"}, Categories: []string{"order"}}}, true},
		{"not every criterion", cairn.Query{{Types: []string{"paid"}, Tags: []string{"c"}}}, false},
		{"any filter", cairn.Query{{Types: []string{"x"}}, {Tags: []string{"a"}}}, true},
		{"no filter of two", cairn.Query{{Types: []string{"x"}}, {Tags: []string{"c"}}}, false},
		{"first of its stream", cairn.Query{{First: true}}, true},
		{"first, with another criterion", cairn.Query{{First: true, Types: []string{"x"}}}, false},
		{"empty list", cairn.Query{{Types: []string{}}}, false},
	} {
		if got := tc.query.Match(e); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

// Only revision 0 is a first event; not the tombstone of a stream that has no
// other.
func TestFirst(t *testing.T) {
	for r, want := range map[cairn.Revision]bool{0: true, 1: false, 7: false, cairn.TombstoneRevision: false} {
		e := &cairn.Recorded{Stream: "s", Revision: r}
		if got := (cairn.Query{{First: true}}).Match(e); got != want {
			t.Errorf("revision %v is a first event: %v, want %v", r, got, want)
		}
	}
	if err := (cairn.Query{{First: true}}).Validate(); err != nil {
		t.Error(err)
	}
}

// A query is refused exactly if no stream could match it.
func TestValidQueriesCanMatch(t *testing.T) {
	names := []string{"a", "b", "ab", "a-", "a-1", "a-b", "ab-1", "b-1-2"}
	universe := append(slices.Clone(names), "aba", "abc", "a-1-z", "a-bz", "ab-1z", "b-1-2z", "bz", "az-1", "a-z")
	rng := rand.New(rand.NewPCG(1, 2))
	some := func() (list []string) {
		for range rng.IntN(3) {
			list = append(list, names[rng.IntN(len(names))])
		}
		return list
	}
	refused := 0
	for range 20_000 {
		q := cairn.Query{{Streams: some(), Prefixes: some(), Categories: some()}}
		possible := slices.ContainsFunc(universe, func(s string) bool { return q.Match(&cairn.Recorded{Stream: s}) })
		dashed := slices.ContainsFunc(q[0].Categories, func(c string) bool { return cairn.Category(c) != c })
		err := q.Validate()
		if (err == nil) != (possible && !dashed) {
			t.Fatalf("%+v can match: %v; Validate: %v", q, possible, err)
		}
		if err != nil {
			refused++
		}
	}
	if refused < 1000 || refused > 19_000 {
		t.Errorf("%d of 20,000 random queries are refused", refused)
	}
}

func TestQueryValidate(t *testing.T) {
	tags := make([]string, cairn.MaxTags+1)
	for i := range tags {
		tags[i] = fmt.Sprint(i)
	}
	for _, tc := range []struct {
		query cairn.Query
		field string // empty if it is fine
	}{
		{nil, ""},
		{cairn.Query{{}}, ""},
		{cairn.ByTag(tags[:cairn.MaxTags]...), ""},
		{cairn.Query{{Categories: []string{"order"}, Prefixes: []string{"ord"}}}, ""},
		{cairn.Query{}, "query"},
		{cairn.Query{{}, {Types: []string{}}}, "query[1].types"},
		{cairn.ByType("a", ""), "query[0].types[1]"},
		{cairn.ByTag("\xff"), "query[0].tags[0]"},
		{cairn.ByTag(tags...), "query[0].tags"},
		{cairn.ByCategory("a-b"), "query[0].categories[0]"},
		{cairn.Query{{Streams: []string{"a-1"}, Prefixes: []string{"b"}}}, "query[0].streams"},
		{cairn.Query{{Prefixes: []string{"order-1"}, Categories: []string{"ord"}}}, "query[0].prefixes"},
		{make(cairn.Query, cairn.MaxFilters+1), "query"},
		{cairn.ByType(slices.Repeat([]string{"x"}, cairn.MaxCriteria+1)...), "criteria of query"},
	} {
		checkField(t, fmt.Sprintf("%.60v", tc.query), tc.query.Validate(), tc.field)
	}
}

// checkField compares the field that an error names, which is empty if there
// must be no error.
func checkField(t *testing.T, what string, err error, field string) {
	t.Helper()
	if field == "" {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		return
	}
	e, ok := errors.AsType[*cairn.InvalidError](err)
	if !ok || e.Field != field || e.Problem == "" {
		t.Errorf("%s: got %v, want an invalid %s", what, err, field)
	}
}

func TestShorthandsWithoutNamesAreRefused(t *testing.T) {
	for name, q := range map[string]cairn.Query{"types": cairn.ByType(), "categories": cairn.ByCategory(), "tags": cairn.ByTag([]string(nil)...)} {
		if err := q.Validate(); !errors.Is(err, cairn.ErrInvalid) {
			t.Errorf("%s: %v, want an invalid query", name, err)
		}
	}
}
