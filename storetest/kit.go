package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/cairndb/cairn"
)

// errTooLong ends whatever a check still waits for when its time is up.
var errTooLong = errors.New("storetest: this should have happened long ago")

// A kit is what a check works with. Its methods end the check where the store
// fails to do what no promise lets it refuse.
type kit struct {
	testing.TB
	*bench
	ctx   context.Context
	store cairn.Store
}

func (k *kit) lack(f Feature) bool { return slices.Contains(k.lacks, f) }

// again reopens the store.
func (k *kit) again() {
	k.Helper()
	k.store = k.reopen(k.store)
}

// append appends one event of each type.
func (k *kit) append(stream string, expected cairn.Revision, types ...string) cairn.Receipt {
	k.Helper()
	return k.put(stream, expected, events(types...)...)
}

func (k *kit) put(stream string, expected cairn.Revision, events ...cairn.Event) cairn.Receipt {
	k.Helper()
	r, err := k.store.Append(k.ctx, stream, expected, events...)
	if err != nil {
		k.Fatalf("append to %q expecting %v: %v", stream, expected, err)
	}
	return r
}

func (k *kit) commit(b cairn.Batch) cairn.BatchReceipt {
	k.Helper()
	r, err := k.store.Commit(k.ctx, b)
	if err != nil {
		k.Fatalf("commit: %v", err)
	}
	return r
}

// describe sets a stream's metadata.
func (k *kit) describe(stream string, m cairn.StreamMetadata) cairn.Receipt {
	k.Helper()
	r, err := cairn.SetMetadata(k.ctx, k.store, stream, cairn.Any, m)
	if err != nil {
		k.Fatalf("set metadata of %q: %v", stream, err)
	}
	return r
}

func (k *kit) delete(stream string, how cairn.Deletion) cairn.Position {
	k.Helper()
	return k.commit(cairn.Batch{Writes: []cairn.Write{{Stream: stream, Expected: cairn.Any, Delete: how}}}).Position
}

func (k *kit) read(stream string, o cairn.ReadOptions) []cairn.Recorded {
	k.Helper()
	all, err := cairn.Collect(k.store.ReadStream(k.ctx, stream, o))
	if err != nil {
		k.Fatalf("read %q %+v: %v", stream, o, err)
	}
	return all
}

func (k *kit) all(o cairn.AllOptions) []cairn.Recorded {
	k.Helper()
	all, err := cairn.Collect(k.store.ReadAll(k.ctx, o))
	if err != nil {
		k.Fatalf("read all %+v: %v", o, err)
	}
	return all
}

func (k *kit) head() cairn.Position {
	k.Helper()
	i, err := k.store.Info(k.ctx)
	if err != nil {
		k.Fatalf("info: %v", err)
	}
	return i.Head
}

func (k *kit) info(stream string) cairn.StreamInfo {
	k.Helper()
	i, err := k.store.StreamInfo(k.ctx, stream)
	if err != nil {
		k.Fatalf("info of %q: %v", stream, err)
	}
	return i
}

// same reports a difference between what is and what should be.
func same[V comparable](k *kit, what string, got, want V) {
	k.Helper()
	if got != want {
		k.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// equal is same for lists.
func equal[V comparable](k *kit, what string, got, want []V) {
	k.Helper()
	if !slices.Equal(got, want) {
		k.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// together runs n goroutines, which start at once, and returns when all have
// ended. Their errors end the check.
func (k *kit) together(n int, run func(i int) error) {
	k.Helper()
	errs := make([]error, n)
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			<-start
			errs[i] = run(i)
		})
	}
	close(start)
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		k.Fatal(err)
	}
}

// events makes an event of each type, with an ID.
func events(types ...string) (all []cairn.Event) {
	for _, typ := range types {
		all = append(all, cairn.Event{ID: cairn.NewID(), Type: typ, Data: fmt.Appendf(nil, `{"type":%q}`, typ)})
	}
	return all
}

func revisions(events []cairn.Recorded) (all []cairn.Revision) {
	for _, e := range events {
		all = append(all, e.Revision)
	}
	return all
}

func positions(events []cairn.Recorded) (all []cairn.Position) {
	for _, e := range events {
		all = append(all, e.Position)
	}
	return all
}

func types(events []cairn.Recorded) (all []string) {
	for _, e := range events {
		all = append(all, e.Type)
	}
	return all
}
