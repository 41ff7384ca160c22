package storetest

import (
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/cairndb/cairn"
)

func asConflict(err error) *cairn.ConflictError {
	c, _ := errors.AsType[*cairn.ConflictError](err)
	return c
}

// closingEndsFollowers with ErrClosed, wherever they wait.
func closingEndsFollowers(k *kit) {
	k.append("s", cairn.NoStream, "a")
	followers := map[string]*follower{
		"log":      k.follow(cairn.AllOptions{}),
		"filtered": k.follow(cairn.AllOptions{Query: cairn.ByType("none")}),
		"stream":   k.followStream("s", cairn.ReadOptions{}),
		"missing":  k.followStream("missing", cairn.ReadOptions{}),
	}
	for _, f := range followers {
		f.caughtUp(-1)
	}
	k.close()
	for name, f := range followers {
		if err := f.failure(); !errors.Is(err, cairn.ErrClosed) {
			k.Errorf("the follower of the %s ends with %v", name, err)
		}
	}
}

func (k *kit) close() {
	k.Helper()
	if err := k.store.Close(); err != nil {
		k.Errorf("close: %v", err)
	}
}

// closedStoresRefuse everything, with one error.
func closedStoresRefuse(k *kit) {
	k.append("s-1", cairn.NoStream, "a")
	reads, follows := everyRead(k.ctx, k), everyFollow(k.ctx, k)
	k.close()
	k.close()
	refused := func(what string, err error) {
		k.Helper()
		if !errors.Is(err, cairn.ErrClosed) {
			k.Errorf("%s: got %v, want that the store is closed", what, err)
		}
	}
	_, err := k.store.Append(k.ctx, "s", cairn.Any, events("x")...)
	refused("append", err)
	_, err = k.store.Append(k.ctx, "s", cairn.Any)
	refused("append of nothing", err)
	_, err = k.store.Commit(k.ctx, cairn.Batch{})
	refused("commit", err)
	_, err = k.store.Info(k.ctx)
	refused("info", err)
	_, err = k.store.StreamInfo(k.ctx, "s")
	refused("stream info", err)
	for _, list := range []map[string]pairs{reads, follows, everyRead(k.ctx, k), everyFollow(k.ctx, k)} {
		for name, read := range list {
			got, err := cairn.Collect(read)
			refused(name, err)
			same(k, name+": events", len(got), 0)
		}
	}
}

// closingInTheBody of a read ends it.
func closingInTheBody(k *kit) {
	k.append("s", cairn.NoStream, "a", "b", "c")
	var last error
	var closing sync.WaitGroup
	n := 0
	for _, err := range k.store.ReadAll(k.ctx, cairn.AllOptions{Follow: true}) {
		if n++; n == 1 {
			closing.Go(k.close)
		}
		last = err
	}
	closing.Wait()
	if !errors.Is(last, cairn.ErrClosed) {
		k.Errorf("the follow ends with %v", last)
	}
}

// closingUnderLoad: a write in flight is either acknowledged or refused.
func closingUnderLoad(k *kit) {
	const writers = 8
	acknowledged := make([]int, writers)
	var started, closing sync.WaitGroup
	started.Add(writers)
	closing.Go(func() {
		started.Wait()
		k.close()
	})
	k.together(writers, func(i int) error {
		for n := 0; ; n++ {
			_, err := k.store.Append(k.ctx, fmt.Sprint("s-", i), cairn.Revision(n-1), events("x")...)
			if n == 0 {
				started.Done()
			}
			if errors.Is(err, cairn.ErrClosed) {
				return nil
			}
			if err != nil {
				return err
			}
			acknowledged[i]++
		}
	})
	closing.Wait()
	if k.lack(Reopening) {
		return
	}
	k.again()
	for i, n := range acknowledged {
		got := k.info(fmt.Sprint("s-", i)).Last
		if got < cairn.Revision(n-1) {
			k.Errorf("%d appends were acknowledged, the stream stands at %v", n, got)
		}
	}
}

// closingReleases leaves no goroutine behind.
func closingReleases(k *kit) {
	use := func() {
		s := k.open()
		if _, err := s.Append(k.ctx, "s", cairn.Any, events("x")...); err != nil {
			k.Error(err)
		}
		if err := s.Close(); err != nil {
			k.Error(err)
		}
	}
	use()
	before := runtime.NumGoroutine()
	use()
	use()
	settle(k, before)
}

// reopeningKeeps everything: the events, the streams' states and the ID.
func reopeningKeeps(k *kit) {
	for _, s := range situations() {
		s.make(k, s.name)
	}
	fill(k, random(k), 50)
	store, err := k.store.Info(k.ctx)
	if err != nil {
		k.Fatal(err)
	}
	whole := k.all(cairn.AllOptions{})
	for range 3 {
		k.again()
		again, err := k.store.Info(k.ctx)
		if err != nil {
			k.Fatal(err)
		}
		same(k, "store", again, store)
		compareEvents(k, "the log", k.all(cairn.AllOptions{}), whole)
		for _, s := range situations() {
			same(k, s.name+": last", k.info(s.name).Last, s.last)
		}
	}
	r := k.append("later", cairn.NoStream, "x")
	same(k, "position", r.Position, store.Head+1)
}

// storesAreDistinct by their IDs.
func storesAreDistinct(k *kit) {
	other := k.open()
	defer func() {
		if err := other.Close(); err != nil {
			k.Error(err)
		}
	}()
	a, err1 := k.store.Info(k.ctx)
	b, err2 := other.Info(k.ctx)
	if err1 != nil || err2 != nil || a.ID == b.ID || a.ID.IsZero() {
		k.Errorf("two stores have the IDs %v (%v) and %v (%v)", a.ID, err1, b.ID, err2)
	}
	same(k, "head of an empty store", a.Head, 0)
}
