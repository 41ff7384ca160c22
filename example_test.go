package cairn_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/storetest"
)

// must keeps the examples short. Programs handle their errors.
func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

// An append says where it believes the stream to stand. Whoever comes second
// is told, and by what.
func ExampleAppender() {
	ctx, store := context.Background(), storetest.NewReference()
	placed := must(store.Append(ctx, "order-1", cairn.NoStream, cairn.Event{Type: "order.placed"}))
	must(store.Append(ctx, "order-1", placed.Revision, cairn.Event{Type: "order.paid"}))

	_, err := store.Append(ctx, "order-1", placed.Revision, cairn.Event{Type: "order.cancelled"})
	conflict, ok := errors.AsType[*cairn.ConflictError](err)
	fmt.Println(ok, conflict)
	// Output:
	// true cairn: conflict: stream "order-1" is at 1, expected 0 (in the way: position 2)
}

// A retry with the same IDs is recognised and gets the first answer.
func ExampleAppender_retry() {
	ctx, store := context.Background(), storetest.NewReference()
	placed := cairn.Event{ID: cairn.NewID(), Type: "order.placed"}
	for range 2 {
		r := must(store.Append(ctx, "order-1", cairn.NoStream, placed))
		fmt.Println(r.Revision, r.Position, r.Duplicate)
	}
	// Output:
	// 0 1 false
	// 0 1 true
}

// A transfer between two accounts is one batch: both sides or neither.
func ExampleCommitter() {
	ctx, store := context.Background(), storetest.NewReference()
	r := must(store.Commit(ctx, cairn.Batch{
		Key: "transfer 7",
		Writes: []cairn.Write{
			{Stream: "account-1", Expected: cairn.Any, Events: []cairn.Event{{Type: "account.debited"}}},
			{Stream: "account-2", Expected: cairn.Any, Events: []cairn.Event{{Type: "account.credited"}}},
		},
	}))
	fmt.Println(r.Revisions, r.Position)
	// Output:
	// [0 0] 2
}

// A condition on a query decides over events of many streams: here, that a
// name is not taken. The event carries it as a tag.
func ExampleNoneAfter() {
	ctx, store := context.Background(), storetest.NewReference()
	register := func(stream, name string) error {
		tag := "name:" + name
		_, err := store.Commit(ctx, cairn.Batch{
			Writes:     []cairn.Write{{Stream: stream, Expected: cairn.NoStream, Events: []cairn.Event{{Type: "user.registered", Tags: []string{tag}}}}},
			Conditions: []cairn.Condition{cairn.NoneAfter(0, cairn.ByTag(tag))},
		})
		return err
	}
	fmt.Println(register("user-1", "ada"))
	fmt.Println(register("user-2", "bob"))
	err := register("user-3", "ada")
	conflict, _ := errors.AsType[*cairn.ConflictError](err)
	fmt.Println(conflict.Events[0].Stream, "has the name")
	// Output:
	// <nil>
	// <nil>
	// user-1 has the name
}

// Reading a stream is a loop. An error ends it.
func ExampleStreamReader() {
	ctx, store := context.Background(), storetest.NewReference()
	must(store.Append(ctx, "order-1", cairn.NoStream, cairn.Event{Type: "order.placed"}, cairn.Event{Type: "order.paid"}))
	for e, err := range store.ReadStream(ctx, "order-1", cairn.ReadOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(e.Revision, e.Type)
	}
	// Output:
	// 0 order.placed
	// 1 order.paid
}

// The newest event comes first in a backward read.
func ExampleReadOptions_backward() {
	ctx, store := context.Background(), storetest.NewReference()
	must(store.Append(ctx, "order-1", cairn.NoStream, cairn.Event{Type: "order.placed"}, cairn.Event{Type: "order.paid"}))
	newest := must(cairn.Collect(store.ReadStream(ctx, "order-1", cairn.ReadOptions{Backward: true, Limit: 1})))
	fmt.Println(newest[0].Revision, newest[0].Type)
	// Output:
	// 1 order.paid
}

// A follower waits for what comes. CaughtUp tells it how far it has seen
// everything that matches, which is what to store as a checkpoint.
func ExampleLogReader() {
	ctx, stop := context.WithCancelCause(context.Background())
	store := storetest.NewReference()
	must(store.Append(ctx, "order-1", cairn.NoStream, cairn.Event{Type: "order.placed"}))
	must(store.Append(ctx, "user-1", cairn.NoStream, cairn.Event{Type: "user.registered"}))

	done := errors.New("seen enough")
	for e, err := range store.ReadAll(ctx, cairn.AllOptions{
		Query:  cairn.ByCategory("order"),
		Follow: true,
		CaughtUp: func(p cairn.Position) {
			fmt.Println("caught up with", p)
			stop(done)
		},
	}) {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Println(e.Position, e.Type)
	}
	// Output:
	// 1 order.placed
	// caught up with 2
	// seen enough
}

// Filters are joined by "or", the criteria of one by "and".
func ExampleQuery() {
	ctx, store := context.Background(), storetest.NewReference()
	must(store.Append(ctx, "order-1", cairn.NoStream, cairn.Event{Type: "order.placed", Tags: []string{"shop:1"}}))
	must(store.Append(ctx, "order-2", cairn.NoStream, cairn.Event{Type: "order.placed", Tags: []string{"shop:2"}}))
	must(store.Append(ctx, "user-1", cairn.NoStream, cairn.Event{Type: "user.registered"}))
	query := cairn.Query{
		{Types: []string{"order.placed"}, Tags: []string{"shop:2"}},
		{Categories: []string{"user"}},
	}
	for e, err := range store.ReadAll(ctx, cairn.AllOptions{Query: query}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(e.Stream)
	}
	// Output:
	// order-2
	// user-1
}

// A stream that keeps its last events only.
func ExampleSetMetadata() {
	ctx, store := context.Background(), storetest.NewReference()
	must(cairn.SetMetadata(ctx, store, "sensor-1", cairn.NoStream, cairn.StreamMetadata{MaxCount: 2}))
	for _, typ := range []string{"one", "two", "three"} {
		must(store.Append(ctx, "sensor-1", cairn.Any, cairn.Event{Type: typ}))
	}
	for _, e := range must(cairn.Collect(store.ReadStream(ctx, "sensor-1", cairn.ReadOptions{}))) {
		fmt.Println(e.Revision, e.Type)
	}
	// Output:
	// 1 two
	// 2 three
}

// A deleted stream reads as empty. Written to again, it continues its
// revisions.
func ExampleDeleteStream() {
	ctx, store := context.Background(), storetest.NewReference()
	must(store.Append(ctx, "draft-1", cairn.NoStream, cairn.Event{Type: "draft.begun"}))
	must(cairn.DeleteStream(ctx, store, "draft-1", 0))
	fmt.Println(len(must(cairn.Collect(store.ReadStream(ctx, "draft-1", cairn.ReadOptions{})))))
	fmt.Println(must(store.StreamInfo(ctx, "draft-1")).State)

	r := must(store.Append(ctx, "draft-1", cairn.NoStream, cairn.Event{Type: "draft.begun"}))
	fmt.Println(r.Revision)
	// Output:
	// 0
	// soft-deleted
	// 1
}

// A tombstone is for good.
func ExampleTombstoneStream() {
	ctx, store := context.Background(), storetest.NewReference()
	must(store.Append(ctx, "user-1", cairn.NoStream, cairn.Event{Type: "user.registered"}))
	must(cairn.TombstoneStream(ctx, store, "user-1", 0))
	_, err := store.Append(ctx, "user-1", cairn.Any, cairn.Event{Type: "user.renamed"})
	fmt.Println(errors.Is(err, cairn.ErrStreamDeleted), err)
	// Output:
	// true cairn: stream "user-1" is deleted for good (tombstoned)
}

// Old events can be hidden, for instance behind a snapshot.
func ExampleTruncate() {
	ctx, store := context.Background(), storetest.NewReference()
	must(store.Append(ctx, "till-1", cairn.NoStream, cairn.Event{Type: "opened"}, cairn.Event{Type: "sold"}, cairn.Event{Type: "day.closed"}))
	must(cairn.Truncate(ctx, store, "till-1", 2))
	for _, e := range must(cairn.Collect(store.ReadStream(ctx, "till-1", cairn.ReadOptions{}))) {
		fmt.Println(e.Revision, e.Type)
	}
	// Output:
	// 2 day.closed
}
