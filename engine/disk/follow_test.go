package disk_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// A follower notes what it sees.
type follower struct {
	name  string
	wants func(*cairn.Recorded) bool

	mu   sync.Mutex
	seen []cairn.Position
	err  error
	more chan struct{} // has room for one
}

func beginToFollow(wg *sync.WaitGroup, name string, wants func(*cairn.Recorded) bool, read func(yield func(cairn.Recorded, error) bool)) *follower {
	f := &follower{name: name, wants: wants, more: make(chan struct{}, 1)}
	wg.Go(func() {
		for e, err := range read {
			f.note(e.Position, err)
		}
	})
	return f
}

func (f *follower) note(p cairn.Position, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err = err; err == nil {
		f.seen = append(f.seen, p)
	}
	select {
	case f.more <- struct{}{}:
	default:
	}
}

// check waits until the follower has seen as much as the log holds for it, and
// compares.
func (f *follower) check(t *testing.T, log []cairn.Recorded) {
	t.Helper()
	var want []cairn.Position
	for i := range log {
		if f.wants(&log[i]) {
			want = append(want, log[i].Position)
		}
	}
	deadline := time.After(20 * time.Second)
	for {
		f.mu.Lock()
		seen := slices.Clone(f.seen)
		f.mu.Unlock()
		if len(seen) >= len(want) {
			if !slices.Equal(seen, want) {
				t.Fatalf("%s: saw %v, want %v", f.name, seen, want)
			}
			return
		}
		select {
		case <-f.more:
		case <-deadline:
			t.Fatalf("%s: saw %d of %d events and nothing more; the next is %d of %d", f.name, len(seen), len(want), want[len(seen)], len(log))
		}
	}
}

var (
	followedStreams = []string{"order-1", "order-2", "user-1", "solo", "$sys-1", "a-b-c"}
	followedTypes   = []string{"placed", "paid", "$special"}
	followedTags    = []string{"t:1", "t:2", "t:3"}
)

// somewhat picks at random, mostly little.
func somewhat(rng *rand.Rand, names []string) (some []string) {
	for range 1 + rng.IntN(2) {
		some = append(some, names[rng.IntN(len(names))])
	}
	return some
}

// someQuery is a valid query at random; now and then nil.
func someQuery(rng *rand.Rand) (q cairn.Query) {
	for range rng.IntN(3) {
		f := cairn.Filter{First: rng.IntN(4) == 0}
		for i, list := range []*[]string{&f.Types, &f.Tags, &f.Streams, &f.Categories, &f.Prefixes} {
			if rng.IntN(4) == 0 {
				*list = somewhat(rng, [][]string{followedTypes, followedTags, followedStreams, {"order", "user", "$$order"}, {"o", "order-", "$", "a-b"}}[i])
			}
		}
		q = append(q, f)
	}
	if q.Validate() != nil {
		return someQuery(rng)
	}
	return q
}

// writeSomething commits a batch of one kind or another at random. A stream
// that is closed refuses, and one that never was cannot be deleted, which is
// well.
func writeSomething(ctx context.Context, s cairn.Store, rng *rand.Rand) error {
	stream := followedStreams[rng.IntN(len(followedStreams))]
	w := cairn.Write{Stream: stream, Expected: cairn.Any}
	switch rng.IntN(60) {
	case 0:
		w.Delete = cairn.Tombstone
	case 1, 2:
		w.Delete = cairn.SoftDelete
	case 3, 4, 5:
		w.Stream = cairn.MetadataStream(stream)
		w.Events = []cairn.Event{{Type: cairn.TypeMetadata, Data: fmt.Appendf(nil, `{"$maxCount":%d}`, 1+rng.IntN(5))}}
	default:
		for range 1 + rng.IntN(3) {
			e := cairn.Event{Type: followedTypes[rng.IntN(3)]}
			if rng.IntN(2) == 0 {
				e.Tags = somewhat(rng, followedTags)
			}
			w.Events = append(w.Events, e)
		}
	}
	other := cairn.Write{Stream: fmt.Sprintf("order-%d", rng.IntN(1000)), Expected: cairn.Any, Events: []cairn.Event{{Type: "placed"}}}
	_, err := s.Commit(ctx, cairn.Batch{Writes: []cairn.Write{w, other}})
	if errors.Is(err, cairn.ErrStreamDeleted) || errors.Is(err, cairn.ErrConflict) {
		return nil
	}
	return err
}

// TestFollowersSeeWhatReadsSee has followers of many kinds look on while a few
// write. After each round, which may be of a single batch, all of them must have
// seen what a read finds: a follower that was not woken for the last event of a
// round would stay behind.
func TestFollowersSeeWhatReadsSee(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			followAtRandom(t, rand.New(rand.NewPCG(seed, 42)))
		})
	}
}

func followAtRandom(t *testing.T, rng *rand.Rand) {
	s := open(t, t.TempDir(), small(nil).Hurry(1+rng.IntN(50), 100))
	var readers sync.WaitGroup
	followers := followersOf(t, s, rng, &readers)
	for range 60 {
		var writers sync.WaitGroup
		for range 1 + rng.IntN(3) {
			own := rand.New(rand.NewPCG(rng.Uint64(), 1))
			batches := 1 + rng.IntN(3)
			writers.Go(func() {
				for range batches {
					if err := writeSomething(t.Context(), s, own); err != nil {
						t.Error(err)
					}
				}
			})
		}
		writers.Wait()
		log, err := cairn.Collect(s.ReadAll(t.Context(), cairn.AllOptions{}))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range followers {
			f.check(t, log)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	readers.Wait()
	for _, f := range followers {
		if !errors.Is(f.err, cairn.ErrClosed) && !errors.Is(f.err, cairn.ErrStreamDeleted) {
			t.Errorf("%s ended with %v", f.name, f.err)
		}
	}
}

// followersOf begins to follow an empty store in many ways.
func followersOf(t *testing.T, s cairn.Store, rng *rand.Rand, wg *sync.WaitGroup) (all []*follower) {
	for range 40 {
		o := cairn.AllOptions{Follow: true, Query: someQuery(rng), NoSystem: rng.IntN(4) == 0, EachHead: rng.IntN(8) == 0}
		if rng.IntN(2) == 0 {
			o.CaughtUp = func(cairn.Position) {}
		}
		wants := func(e *cairn.Recorded) bool {
			return o.Query.Match(e) && !(o.NoSystem && (e.Stream[0] == '$' || e.Type[0] == '$'))
		}
		all = append(all, beginToFollow(wg, fmt.Sprintf("%+v", o), wants, s.ReadAll(t.Context(), o)))
	}
	for _, stream := range followedStreams {
		for _, name := range []string{stream, cairn.MetadataStream(stream)} {
			wants := func(e *cairn.Recorded) bool { return e.Stream == name }
			begun := make(chan struct{})
			end := sync.OnceFunc(func() { close(begun) })
			o := cairn.ReadOptions{Follow: true, CaughtUp: func(cairn.Revision) { end() }}
			all = append(all, beginToFollow(wg, name, wants, s.ReadStream(t.Context(), name, o)))
			<-begun // from the end on nothing is hidden from it; a late one would miss what was
		}
	}
	return all
}

// TestFollowersOfMetadataLearnOfTheEnd: closing a stream ends who follows its
// metadata, to which nothing was written.
func TestFollowersOfMetadataLearnOfTheEnd(t *testing.T) {
	s, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	caughtUp, ended := make(chan struct{}, 1), make(chan error, 1)
	o := cairn.ReadOptions{Follow: true, CaughtUp: func(cairn.Revision) { caughtUp <- struct{}{} }}
	go func() {
		_, err := cairn.Collect(s.ReadStream(t.Context(), "$$s", o))
		ended <- err
	}()
	<-caughtUp
	if _, err := cairn.TombstoneStream(t.Context(), s, "s", cairn.Any); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if !errors.Is(err, cairn.ErrStreamDeleted) {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the follower of the metadata still waits")
	}
}

// TestFollowersThatAreGoneAreForgotten: whoever stops following costs nothing.
func TestFollowersThatAreGoneAreForgotten(t *testing.T) {
	s, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Append(t.Context(), "s", cairn.Any, cairn.Event{Type: "a"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	caughtUp := make(chan struct{}, 10)
	for i := range 10 {
		o := cairn.AllOptions{Follow: true, Query: cairn.ByType(fmt.Sprint(i)), CaughtUp: func(cairn.Position) { caughtUp <- struct{}{} }}
		wg.Go(func() { _, _ = cairn.Collect(s.ReadAll(ctx, o)) })
	}
	for range 10 {
		<-caughtUp
	}
	for _, err := range s.ReadStream(ctx, "s", cairn.ReadOptions{Follow: true}) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	if n := s.Followers(); n != 10 {
		t.Errorf("%d follow, want 10", n)
	}
	cancel()
	wg.Wait()
	if n := s.Followers(); n != 0 {
		t.Errorf("%d still follow", n)
	}
}
