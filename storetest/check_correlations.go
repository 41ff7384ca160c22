package storetest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cairndb/cairn"
)

// correlated is an event that says in its metadata what it belongs to.
func correlated(id string, tags ...string) cairn.Event {
	return cairn.Event{ID: cairn.NewID(), Type: "x", Metadata: fmt.Appendf(nil, `{"$correlationId":%q}`, id), Tags: tags}
}

func byCorrelation(id string) cairn.Query { return cairn.ByTag(cairn.CorrelationTag(id)) }

// longestID is the ID of a correlation that makes the longest tag.
var longestID = strings.Repeat("x", cairn.MaxTag-len(cairn.CorrelationTag("")))

// tellOfC writes events of which those at 1, 3, 4, 5, 6 and 9 belong to
// correlation c.
func tellOfC(k *kit) {
	k.Helper()
	full := make([]string, cairn.MaxTags)
	for i := range full {
		full[i] = fmt.Sprint("t:", i)
	}
	k.put("order-1", cairn.NoStream, correlated("c"), correlated("d"))
	k.put("payment-1", cairn.NoStream, correlated("c", "t:1"))
	k.put("stock-1", cairn.NoStream, correlated("c", full...))
	k.put("note-1", cairn.NoStream, cairn.Event{Type: "x", Tags: []string{cairn.CorrelationTag("c")}})
	k.put("note-2", cairn.NoStream, correlated("c", cairn.CorrelationTag("c"), cairn.CorrelationTag("d")))
	k.put("note-3", cairn.NoStream, correlated(longestID), correlated(longestID+"x"))
	k.commit(cairn.Batch{Writes: []cairn.Write{
		{Stream: "order-1", Expected: cairn.Any, Events: []cairn.Event{correlated("c")}},
		{Stream: "$$order-1", Expected: cairn.Any, Events: []cairn.Event{{Type: cairn.TypeMetadata, Data: []byte(`{"$correlationId":"c"}`)}}},
	}})
	for i, metadata := range []string{
		``, `{}`, `null`, `"$correlationId"`, `[{"$correlationId":"c"}]`, `{"x":{"$correlationId":"c"}}`, `{"$correlationId":null}`,
		`{"$correlationId":["c"]}`, `{"$correlationId":"c"`, `{"$correlationId":""}`, "{\"$correlationId\":\"c\xff\"}", `{"$causationId":"c"}`,
		`{"$correlationid":"c"}`, `{"$correlationId":"c","$correlationId":"d"}`,
	} {
		k.put(fmt.Sprint("other-", i), cairn.NoStream, cairn.Event{Type: "x", Metadata: []byte(metadata)})
	}
}

// findC reads what tellOfC has written.
func findC(k *kit) {
	k.Helper()
	read := func(o cairn.AllOptions) []cairn.Position { return positions(k.all(o)) }
	equal(k, "of c", read(cairn.AllOptions{Query: byCorrelation("c")}), []cairn.Position{1, 3, 4, 5, 6, 9})
	equal(k, "of c, backward", read(cairn.AllOptions{Query: byCorrelation("c"), Backward: true, Limit: 2}), []cairn.Position{9, 6})
	equal(k, "of d", read(cairn.AllOptions{Query: byCorrelation("d")}), []cairn.Position{2, 6, 24})
	equal(k, "of the longest", read(cairn.AllOptions{Query: byCorrelation(longestID)}), []cairn.Position{7})
	equal(k, "of none", read(cairn.AllOptions{Query: byCorrelation("")}), nil)
	both := cairn.ByTag("t:1", cairn.CorrelationTag("c"))
	equal(k, "of c with a tag", read(cairn.AllOptions{Query: both}), []cairn.Position{3, 4})
	orders := cairn.Query{{Categories: []string{"order"}, Tags: []string{cairn.CorrelationTag("c")}}}
	equal(k, "of c about orders", read(cairn.AllOptions{Query: orders, After: 1}), []cairn.Position{9})
	n, err := cairn.Count(k.ctx, k.store, byCorrelation("c"), 6)
	same(k, "counted up to 6", fmt.Sprint(n, err), "5 <nil>")
}

// correlations are found by what metadata says, which no tag has to repeat.
func correlations(k *kit) {
	tellOfC(k)
	findC(k)
	whole := k.all(cairn.AllOptions{})
	equal(k, "tags of an event that carries none", whole[0].Tags, nil)
	equal(k, "tags of an event that carries one", whole[2].Tags, []string{"t:1"})
	same(k, "tags of an event that carries all it can", len(whole[3].Tags), cairn.MaxTags)
}

func correlationsAfterReopening(k *kit) {
	tellOfC(k)
	k.again()
	findC(k)
	k.put("order-1", cairn.Any, correlated("c"))
	got := positions(k.all(cairn.AllOptions{Query: byCorrelation("c"), After: 6}))
	equal(k, "of c, written before and after", got, []cairn.Position{9, k.head()})
}

// correlationsAreFollowed wakes a follower for each event, and for no other.
func correlationsAreFollowed(k *kit) {
	f := k.follow(cairn.AllOptions{Query: byCorrelation("c")})
	f.caughtUp(0)
	for i := range cairn.Position(5) {
		k.put("order-1", cairn.Any, correlated("d"))
		k.put("order-1", cairn.Any, correlated("c"))
		same(k, "followed", f.event().Position, 2*i+2)
	}
	f.stop()
}

// conditionsOnCorrelations fail on what is stored, however lately.
func conditionsOnCorrelations(k *kit) {
	start := func(stream string) cairn.Batch {
		return cairn.Batch{
			Conditions: []cairn.Condition{cairn.NoneAfter(0, byCorrelation("c"))},
			Writes:     []cairn.Write{{Stream: stream, Expected: cairn.Any, Events: []cairn.Event{correlated("c")}}},
		}
	}
	var batches []cairn.Batch
	for i := range 20 {
		batches = append(batches, start(fmt.Sprint("order-", i)))
	}
	stored := 0
	for _, o := range cairn.CommitEach(k.ctx, k.store, batches) {
		if o.Err == nil {
			stored++
		}
	}
	same(k, "how many were the first of the correlation", stored, 1)
	_, err := k.store.Commit(k.ctx, start("order-1"))
	conflict, _ := errors.AsType[*cairn.ConflictError](err)
	if conflict == nil {
		k.Fatalf("a second beginning: %v", err)
	}
	equal(k, "in the way", conflict.Positions, []cairn.Position{1})
}
