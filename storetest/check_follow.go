package storetest

import (
	"fmt"

	"github.com/cairndb/cairn"
)

// followersCatchUp says what a follower sees, step by step.
func followersCatchUp(k *kit) {
	log, stream := k.follow(cairn.AllOptions{}), k.followStream("s", cairn.ReadOptions{})
	steps(k, log, "caught up 0")
	steps(k, stream, "caught up -1")
	k.append("s", cairn.NoStream, "a", "b")
	steps(k, log, "event 1", "event 2", "caught up 2")
	steps(k, stream, "event 0", "event 1", "caught up 1")
	k.append("other", cairn.NoStream, "c")
	steps(k, log, "event 3", "caught up 3")
	k.append("s", 1, "d")
	steps(k, log, "event 4", "caught up 4")
	steps(k, stream, "event 2", "caught up 2")
	log.stop()
	stream.stop()
}

// steps takes one sight for each step. A follower may be told that it has
// caught up, with what it knows already, more often than it must.
func steps(k *kit, f *follower, want ...string) {
	k.Helper()
	for i := 0; i < len(want); {
		got := f.next()
		switch says := fmt.Sprint(got.what, " ", got.at); {
		case says == want[i]:
			i++
		case got.what != "caught up" || got.err != nil:
			k.Fatalf("the follower sees %q (%v), want %q", says, got.err, want[i])
		}
	}
}

// followersStartAnywhere follow from the middle, from the end and beyond it.
func followersStartAnywhere(k *kit) {
	k.append("s", cairn.NoStream, "a", "b", "c")
	log := k.follow(cairn.AllOptions{After: 2})
	steps(k, log, "event 3", "caught up 3")
	end := k.follow(cairn.AllOptions{After: 3})
	steps(k, end, "caught up 3")
	stream := k.followStream("s", cairn.ReadOptions{From: 2})
	steps(k, stream, "event 2", "caught up 2")
	far := k.followStream("s", cairn.ReadOptions{From: 4})
	if s := far.next(); s.what != "caught up" {
		k.Errorf("a follower from revision 4 of 3 events first sees %v %v", s.what, s.at)
	}
	k.append("s", 2, "d", "e")
	steps(k, log, "event 4", "event 5")
	steps(k, end, "event 4", "event 5")
	steps(k, stream, "event 3", "event 4")
	same(k, "far", far.event().Revision, 4)
	for _, f := range []*follower{log, end, stream, far} {
		f.stop()
	}
}

// followersEnd at their limit and at the end of their range, without an error.
func followersEnd(k *kit) {
	k.append("s", cairn.NoStream, "a", "b")
	for name, f := range map[string]*follower{
		"log, limit":        k.follow(cairn.AllOptions{Limit: 3}),
		"log, range":        k.follow(cairn.AllOptions{Before: 4}),
		"stream, limit":     k.followStream("s", cairn.ReadOptions{Limit: 3}),
		"stream, range":     k.followStream("s", cairn.ReadOptions{Before: 3}),
		"filtered, limit":   k.follow(cairn.AllOptions{Limit: 3, Query: cairn.ByCategory("s")}),
		"filtered, range":   k.follow(cairn.AllOptions{Before: 4, Query: cairn.ByCategory("s")}),
		"none left, range":  k.follow(cairn.AllOptions{After: 1, Before: 2}),
		"none match, range": k.follow(cairn.AllOptions{Before: 2, Query: cairn.ByType("none")}),
	} {
		if k.head() == 2 {
			k.append("s", 1, "c", "d")
		}
		for s := range f.sights {
			if s.what == "error" {
				k.Errorf("%s: %v", name, s.err)
			}
			if s.what == "event" && s.at > 3 {
				k.Errorf("%s: sees %s %d", name, s.what, s.at)
			}
		}
	}
}

// followersLearnThatNothingMatched: how far a follower has come is told also
// when nothing was for it, if it asks for that.
func followersLearnThatNothingMatched(k *kit) {
	f := k.follow(cairn.AllOptions{Query: cairn.ByTag("rare"), EachHead: true})
	for i := range 5 {
		r := k.append("s", cairn.Any, "common", "common")
		if got := f.caughtUp(int64(r.Position)); len(got) != 0 {
			k.Errorf("round %d: sees %v", i, positions(got))
		}
	}
	r := k.put("s", cairn.Any, cairn.Event{Type: "x", Tags: []string{"rare"}})
	got := f.caughtUp(int64(r.Position))
	equal(k, "matched", positions(got), []cairn.Position{r.Position})
	f.stop()
}

// followersHearNowAndThen: a follower that nothing is for is told how far it is
// no later than it must be, whichever way it wants to be told.
func followersHearNowAndThen(k *kit) {
	followers := []*follower{
		k.follow(cairn.AllOptions{Query: cairn.ByTag("rare")}),
		k.hear(cairn.AllOptions{Query: cairn.Query{{First: true, Types: []string{"rare"}}}}, false),
		k.hear(cairn.AllOptions{Query: cairn.Query{{Prefixes: []string{"none"}}}, NoSystem: true}, false),
	}
	for range 3 {
		flood(k, cairn.ProgressEvery-1)
		flood(k, 1)
		for _, f := range followers {
			f.told(int64(k.head()) - cairn.ProgressEvery + 1)
		}
	}
	for _, f := range followers {
		f.stop()
	}
}

// callbacksMayUseTheStore calls it from within CaughtUp.
func callbacksMayUseTheStore(k *kit) {
	k.append("s", cairn.NoStream, "a")
	n := 0
	o := cairn.AllOptions{Follow: true, Limit: 3, CaughtUp: func(cairn.Position) {
		k.append("s", cairn.Any, "b")
		n++
	}}
	all, err := cairn.Collect(k.store.ReadAll(k.ctx, o))
	if err != nil || len(all) != 3 || n != 2 {
		k.Errorf("%d events, caught up %d times, %v", len(all), n, err)
	}
}

// caughtUpIsTrue writes much while a filtered follower reads, and checks that
// no event comes late for what it was told.
func caughtUpIsTrue(k *kit) {
	const n = 300
	f := k.follow(cairn.AllOptions{Query: cairn.ByType("0", "5"), EachHead: true})
	var told int64
	var seen []cairn.Position
	k.together(2, func(i int) error {
		if i == 0 {
			return write(k, 1, n)
		}
		for told < n {
			s, more := <-f.sights
			if !more {
				return fmt.Errorf("the follower ended at %d", told)
			}
			if s.what == "error" {
				return s.err
			}
			if s.at < told || s.what == "event" && s.at == told {
				return fmt.Errorf("%s %d comes after %d was told", s.what, s.at, told)
			}
			told = s.at
			if s.what == "event" {
				seen = append(seen, s.event.Position)
			}
		}
		return nil
	})
	f.stop()
	equal(k, "seen", seen, positions(k.all(cairn.AllOptions{Query: cairn.ByType("0", "5")})))
}
