package group_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
)

// runIn runs a member of a group that notes what it handles.
func runIn(t testing.TB, store cairn.Store, name string, d *diary) (stop func()) {
	return start(t, func(ctx context.Context) error {
		o := group.Options{Partitions: 4, Attempts: 1, Backoff: func(int) time.Duration { return time.Second }}
		return group.Run(ctx, store, name, o, func(_ context.Context, e cairn.Recorded) error {
			d.write(e)
			if e.Stream == "bad" {
				return errors.New("bad")
			}
			return nil
		})
	})
}

func TestGroupsAreListed(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		put(t, store, "a")
		// What looks like a definition and is none, and a name that looks like a stream.
		_, err := store.Append(t.Context(), "x-definition", cairn.NoStream, cairn.Event{Type: "$group-defined"})
		must(t, err)
		for _, name := range []string{"b", "a", "a-definition", "stream::with/odd name"} {
			var d diary
			stop := runIn(t, store, name, &d)
			synctest.Wait()
			stop()
		}
		got, err := group.List(t.Context(), store)
		must(t, err)
		equal(t, "groups", fmt.Sprintf("%q", got), `["a" "a-definition" "b" "stream::with/odd name"]`)
		must(t, group.Delete(t.Context(), store, "a", false))
		got, err = group.List(t.Context(), store)
		must(t, err)
		equal(t, "groups", fmt.Sprintf("%q", got), `["a-definition" "b" "stream::with/odd name"]`)
	})
}

func TestADeletedGroupBeginsAnew(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		put(t, store, "a", "bad", "a", "bad")
		for round := range 3 {
			var d diary
			stop := runIn(t, store, "g", &d)
			synctest.Wait()
			if err := group.Delete(t.Context(), store, "g", false); !errors.Is(err, group.ErrInUse) {
				t.Fatalf("deleting it while it runs: %v", err)
			}
			stop()
			equal(t, fmt.Sprint("handled in round ", round), d.of("a"), []string{"a@0", "a@1"})
			equal(t, fmt.Sprint("failed in round ", round), d.of("bad"), []string{"bad@0"})
			keys, err := group.Parked(t.Context(), store, "g")
			if err != nil || len(keys) != 1 || keys[0].Count != 2 {
				t.Fatalf("parked %+v, %v", keys, err)
			}
			must(t, group.Delete(t.Context(), store, "g", false))
			for what, err := range map[string]error{
				"status": second(group.Status(t.Context(), store, "g")),
				"parked": second(group.Parked(t.Context(), store, "g")),
				"delete": group.Delete(t.Context(), store, "g", true),
			} {
				if !errors.Is(err, group.ErrUnknown) {
					t.Errorf("%s: %v", what, err)
				}
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

// Members of a group that is deleted by force end, and what they were at does not
// come back.
func TestMembersHearOfTheEnd(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		put(t, store, "a", "b")
		ended := make(chan error, 1)
		go func() {
			ended <- group.Run(t.Context(), store, "g", group.Options{}, func(context.Context, cairn.Recorded) error { return nil })
		}()
		synctest.Wait()
		must(t, group.Delete(t.Context(), store, "g", true))
		if err := <-ended; !errors.Is(err, group.ErrUnknown) {
			t.Errorf("the member ended with %v", err)
		}
		var d diary
		stop := runIn(t, store, "g", &d)
		synctest.Wait()
		stop()
		equal(t, "handled anew", len(d.read()), 2)
	})
}

// A member that was killed is no hindrance for ever.
func TestTheDeadDoNotKeepAGroup(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		put(t, store, "a")
		for _, err := range group.Receive(t.Context(), &mute{Store: store}, "g", group.Options{}) {
			must(t, err)
			break
		}
		if err := group.Delete(t.Context(), store, "g", false); !errors.Is(err, group.ErrInUse) {
			t.Errorf("deleting it at once: %v", err)
		}
		time.Sleep(time.Minute)
		must(t, group.Delete(t.Context(), store, "g", false))
	})
}

// mute is a store to which nobody can say goodbye.
type mute struct{ cairn.Store }

func (m *mute) Append(ctx context.Context, stream string, at cairn.Revision, events ...cairn.Event) (cairn.Receipt, error) {
	if len(events) == 1 && events[0].Type == "$group-beat" && bytes.Contains(events[0].Data, []byte(`"leaving":true`)) {
		return cairn.Receipt{}, cairn.ErrClosed
	}
	return m.Store.Append(ctx, stream, at, events...)
}

func TestWhatIsReleasedIsNoAttempt(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		put(t, store, "a", "a")
		var got []string
		for d, err := range group.Receive(t.Context(), store, "g", group.Options{Workers: 1, Attempts: 2}) {
			must(t, err)
			got = append(got, fmt.Sprintf("%s@%d/%d", d.Stream, d.Revision, d.Attempt))
			if len(got) < 5 {
				must(t, d.Release())
			} else {
				must(t, d.Ack())
			}
			if err := d.Release(); !errors.Is(err, group.ErrLost) {
				t.Errorf("releasing what is settled: %v", err)
			}
			if len(got) == 6 {
				break
			}
		}
		equal(t, "delivered", got, []string{"a@0/1", "a@0/1", "a@0/1", "a@0/1", "a@0/1", "a@1/1"})
	})
}

// An observer sees what a look from the start sees, whatever has happened in
// between.
func TestAnObserverSeesWhatThereIs(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	world(t, func(t *testing.T, store cairn.Store) {
		o := group.Observe(store, "g")
		if _, err := o.Status(t.Context()); !errors.Is(err, group.ErrUnknown) {
			t.Errorf("before there is one: %v", err)
		}
		var d diary
		running := false
		stop := func() {}
		for range 200 {
			switch r.IntN(8) {
			case 0:
				stop()
				if running = !running; running {
					stop = runIn(t, store, "g", &d)
				}
			case 1:
				_ = group.ReplayAll(t.Context(), store, "g")
			case 2:
				_ = group.Drop(t.Context(), store, "g", "bad")
			case 3:
				if r.IntN(4) == 0 {
					_ = group.Delete(t.Context(), store, "g", false)
				}
			case 4:
				time.Sleep(time.Duration(r.IntN(40)) * time.Second)
			default:
				put(t, store, []string{"a", "bad", "c"}[r.IntN(3)])
			}
			synctest.Wait()
			got, err1 := o.Status(t.Context())
			want, err2 := group.Status(t.Context(), store, "g")
			if !reflect.DeepEqual(got, want) || errors.Is(err1, group.ErrUnknown) != errors.Is(err2, group.ErrUnknown) {
				t.Fatalf("got  %+v, %v\nwant %+v, %v", got, err1, want, err2)
			}
		}
		stop()
	})
}

// What a member of a deleted group writes late is not taken for the new one's.
func TestTheLateWordOfADeletedGroup(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		put(t, store, "a", "b", "c", "d")
		var d diary
		stop := runIn(t, store, "g", &d)
		synctest.Wait()
		stop()
		must(t, group.Delete(t.Context(), store, "g", false))
		for n := range 4 {
			late := cairn.Event{Type: "$group-progress", Data: []byte(`{"epoch":7,"position":4}`)}
			_, err := store.Append(t.Context(), fmt.Sprint("$group-g-progress-", n), cairn.Any, late)
			must(t, err)
		}
		stop = runIn(t, store, "g", &d)
		synctest.Wait()
		stop()
		equal(t, "handled", len(d.read()), 8)
	})
}

func TestEditsAreEventsToo(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		put(t, store, "bad")
		var d diary
		stop := runIn(t, store, "g", &d)
		synctest.Wait()
		stop()
		for field, with := range map[string]cairn.Event{"type": {}, "tags": {Type: "t", Tags: []string{""}}} {
			err := group.Edit(t.Context(), store, "g", "bad", 1, with)
			if e, ok := errors.AsType[*cairn.InvalidError](err); !ok || e.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
	})
}
