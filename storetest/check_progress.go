package storetest

import (
	"slices"

	"github.com/cairndb/cairn"
)

// progressIsTold passes over more events than may go unmentioned.
func progressIsTold(k *kit) {
	flood(k, 2*cairn.ProgressEvery+5000)
	k.put("s", cairn.Any, cairn.Event{Type: "rare"})
	flood(k, cairn.ProgressEvery+10)
	for _, query := range []cairn.Query{cairn.ByType("rare"), cairn.ByTag("none"), {{Prefixes: []string{"s"}, Types: []string{"rare"}}}} {
		matches := positions(k.all(cairn.AllOptions{Query: query}))
		f := k.follow(cairn.AllOptions{Query: query})
		checkProgress(k, f, matches, k.head())
		f.stop()
		checkProgressOfRead(k, query, k.head())
	}
}

// flood appends n events of which nobody wants to know.
func flood(k *kit, n int) {
	k.Helper()
	for n > 0 {
		size := min(n, 5000)
		k.put("flood", cairn.Any, slices.Repeat([]cairn.Event{{Type: "common"}}, size)...)
		n -= size
	}
}

// checkProgress follows to the head: what is told never goes back, never
// passes over a match, and never leaves out more than it may.
func checkProgress(k *kit, f *follower, matches []cairn.Position, head cairn.Position) {
	k.Helper()
	told := int64(0)
	for told < int64(head) {
		s := f.next()
		if s.what == "error" {
			k.Fatal(s.err)
		}
		if s.at < told || s.at-told > cairn.ProgressEvery {
			k.Errorf("%s %d is told after %d", s.what, s.at, told)
		}
		told = s.at
		for len(matches) > 0 && int64(matches[0]) <= told {
			if s.what != "event" {
				k.Errorf("%s %d is told before the event at %d", s.what, told, matches[0])
			}
			matches = matches[1:]
		}
	}
}

// checkProgressOfRead does the same for a read that does not follow.
func checkProgressOfRead(k *kit, query cairn.Query, head cairn.Position) {
	k.Helper()
	told := cairn.Position(0)
	tell := func(p cairn.Position) {
		if p < told || p-told > cairn.ProgressEvery {
			k.Errorf("a read tells %d after %d", p, told)
		}
		told = p
	}
	for e, err := range k.store.ReadAll(k.ctx, cairn.AllOptions{Query: query, Progress: tell}) {
		if err != nil {
			k.Fatal(err)
		}
		tell(e.Position)
	}
	if head-told > cairn.ProgressEvery {
		k.Errorf("a read of %d events ends after telling %d", head, told)
	}
}
