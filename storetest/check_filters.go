package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/cairndb/cairn"
)

// The vocabulary of random queries. Streams share categories and prefixes, and
// some names hold no "-" or several.
var (
	someStreams    = []string{"order-1", "order-2", "orders-1", "user-1", "user-1-a", "solo", "o", "$sys-1", "Ünïcode-1", "a\x00b-1"}
	someCategories = []string{"order", "orders", "user", "solo", "o", "$sys", "Ünïcode", "a\x00b", "none"}
	somePrefixes   = []string{"o", "order", "order-", "user-1", "s", "$", "Ü", "a\x00", "none"}
	someTypes      = []string{"placed", "paid", "Paid", "$special", "p", "none"}
	someTags       = []string{"t:1", "t:2", "t:11", "t", "ü", "$correlation:c1", "$correlation:c\x00", "none"}
	someMetadata   = []string{
		"\x00\xff metadata", `{"$correlationId":"c1"}`, ` {"by":"ann", "$correlationId": "c\u0000"}`, `{"$correlationId":"c2","$causationId":"c1"}`,
		`{"$correlationId":1}`, `[{"$correlationId":"c1"}]`, `{"$correlationId":"c1"`,
	}
)

// pick chooses up to n of the names.
func pick(rng *rand.Rand, names []string, n int) (some []string) {
	for range 1 + rng.IntN(n) {
		some = append(some, names[rng.IntN(len(names))])
	}
	return some
}

// randomEvent is an event out of the vocabulary, without "none".
func randomEvent(rng *rand.Rand) cairn.Event {
	e := cairn.Event{ID: cairn.NewID(), Type: someTypes[rng.IntN(len(someTypes)-1)], Format: cairn.Format(rng.IntN(4))}
	if rng.IntN(3) > 0 {
		e.Tags = pick(rng, someTags[:len(someTags)-1], 4)
	}
	if rng.IntN(2) == 0 {
		e.Data = fmt.Appendf(nil, `{"n":%d}`, rng.IntN(1000))
	}
	if rng.IntN(3) == 0 {
		e.Metadata = []byte(someMetadata[rng.IntN(len(someMetadata))])
	}
	return e
}

// randomQuery is a query that some event may match.
func randomQuery(rng *rand.Rand) (q cairn.Query) {
	for q == nil || q.Validate() != nil {
		q = nil
		for range 1 + rng.IntN(3) {
			q = append(q, randomFilter(rng))
		}
	}
	return q
}

func randomFilter(rng *rand.Rand) (f cairn.Filter) {
	for i, list := range []*[]string{&f.Types, &f.Categories, &f.Streams, &f.Prefixes, &f.Tags} {
		if rng.IntN(3) == 0 {
			names := [][]string{someTypes, someCategories, someStreams, somePrefixes, someTags}[i]
			*list = pick(rng, names, 3)
		}
	}
	f.First = rng.IntN(5) == 0
	return f
}

func randomAllOptions(rng *rand.Rand, head cairn.Position) (o cairn.AllOptions) {
	if rng.IntN(2) == 0 {
		o.After = cairn.Position(rng.Int64N(int64(head) + 2))
	}
	if rng.IntN(3) == 0 {
		o.Before = cairn.Position(rng.Int64N(int64(head) + 3))
	}
	if rng.IntN(3) == 0 {
		o.Limit = 1 + rng.IntN(20)
	}
	if rng.IntN(4) > 0 {
		o.Query = randomQuery(rng)
	}
	o.Backward, o.NoSystem = rng.IntN(2) == 0, rng.IntN(4) == 0
	return o
}

// filters compares random filtered reads with what Query.Match says about each
// event of the log.
func filters(k *kit) {
	rng := random(k)
	fill(k, rng, 200)
	compareFilters(k, rng, k.all(cairn.AllOptions{}), 400)
}

// filtersAfterReopening does so when the log was read back from storage.
func filtersAfterReopening(k *kit) {
	rng := random(k)
	fill(k, rng, 100)
	whole := k.all(cairn.AllOptions{})
	k.again()
	compareFilters(k, rng, whole, 100)
	fill(k, rng, 100)
	compareFilters(k, rng, k.all(cairn.AllOptions{}), 100)
}

// firstEvents are those of revision 0, metadata streams' too, and not the one
// that closes a stream.
func firstEvents(k *kit) {
	first := cairn.Query{{First: true}}
	f := k.follow(cairn.AllOptions{Query: first})
	k.append("order-1", cairn.NoStream, "a", "b")
	k.describe("order-1", cairn.StreamMetadata{MaxCount: 1})
	k.append("order", cairn.NoStream, "a")
	k.delete("order-2", cairn.Tombstone)
	k.append("user-1", cairn.NoStream, "a")
	k.append("order-1", 1, "c")
	equal(k, "first events", positions(k.all(cairn.AllOptions{Query: first})), []cairn.Position{1, 3, 4, 6})
	for want, filter := range map[cairn.Position]cairn.Filter{
		1: {First: true, Prefixes: []string{"order-"}},
		3: {First: true, Categories: []string{"$$order"}},
		6: {First: true, Streams: []string{"user-1", "order-2"}},
	} {
		equal(k, fmt.Sprintf("%+v", filter), positions(k.all(cairn.AllOptions{Query: cairn.Query{filter}})), []cairn.Position{want})
	}
	for _, want := range []cairn.Position{1, 3, 4, 6} {
		same(k, "followed", f.event().Position, want)
	}
	f.stop()
	_, err := k.store.Commit(k.ctx, cairn.Batch{Conditions: []cairn.Condition{cairn.NoneAfter(6, first)}})
	same(k, "no first event behind 6", err, nil)
	_, err = k.store.Commit(k.ctx, cairn.Batch{Conditions: []cairn.Condition{cairn.NoneAfter(5, first)}})
	same(k, "a first event behind 5 is a conflict", errors.Is(err, cairn.ErrConflict), true)
}

// fill commits random batches to random streams.
func fill(k *kit, rng *rand.Rand, batches int) {
	k.Helper()
	for range batches {
		var b cairn.Batch
		for range 1 + rng.IntN(3) {
			w := cairn.Write{Stream: someStreams[rng.IntN(len(someStreams))], Expected: cairn.Any}
			for range 1 + rng.IntN(2) {
				w.Events = append(w.Events, randomEvent(rng))
			}
			b.Writes = append(b.Writes, w)
		}
		k.commit(b)
	}
}

// compareFilters compares with what is known of the whole log.
func compareFilters(k *kit, rng *rand.Rand, whole []cairn.Recorded, rounds int) {
	k.Helper()
	for range rounds {
		o := randomAllOptions(rng, cairn.Position(len(whole)))
		want := expect(whole, o)
		compareEvents(k, fmt.Sprintf("%+v", o), k.all(o), want)
	}
}

// expect is what a read of the log has to yield, by the definition.
func expect(whole []cairn.Recorded, o cairn.AllOptions) (all []cairn.Recorded) {
	for _, e := range whole {
		system := strings.HasPrefix(e.Stream, "$") || strings.HasPrefix(e.Type, "$")
		if e.Position > o.After && (o.Before == 0 || e.Position < o.Before) && !(system && o.NoSystem) && o.Query.Match(&e) {
			all = append(all, e)
		}
	}
	return cut(all, o.Backward, o.Limit)
}

// followsAreFiltered follows by many queries at once while the log grows.
func followsAreFiltered(k *kit) {
	rng := random(k)
	fill(k, rng, 20)
	followers, options := []*follower{}, []cairn.AllOptions{}
	for range 20 {
		o := cairn.AllOptions{Query: randomQuery(rng), NoSystem: rng.IntN(4) == 0, After: cairn.Position(rng.IntN(20))}
		o.EachHead = rng.IntN(8) == 0
		followers, options = append(followers, k.follow(o)), append(options, o)
	}
	fill(k, rng, 30)
	whole := k.all(cairn.AllOptions{})
	flood(k, cairn.ProgressEvery) // whereupon each must say how far it is
	for i, f := range followers {
		got := f.caughtUp(int64(len(whole)))
		got = slices.DeleteFunc(got, func(e cairn.Recorded) bool { return e.Type == "common" })
		compareEvents(k, fmt.Sprintf("follow %+v", options[i]), got, expect(whole, options[i]))
		f.stop()
	}
}
