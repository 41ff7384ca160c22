package storetest

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/cairndb/cairn"
)

// writersOfOneStream append where they believe the stream to stand. What was
// acknowledged must be there, once and where it was said to be.
func writersOfOneStream(k *kit) {
	const writers, appends = 8, 25
	acknowledged := make([]map[cairn.Revision]cairn.ID, writers)
	k.together(writers, func(i int) error {
		acknowledged[i] = map[cairn.Revision]cairn.ID{}
		at := cairn.NoStream
		for len(acknowledged[i]) < appends {
			runtime.Gosched() // or a store in memory would serve one after the other
			e := events(fmt.Sprint(i))[0]
			r, err := k.store.Append(k.ctx, "s", at, e)
			if c, ok := errors.AsType[*cairn.ConflictError](err); ok {
				if c.Actual <= at {
					return fmt.Errorf("a conflict at %v, expecting %v", c.Actual, at)
				}
				at = c.Actual
				continue
			}
			if err != nil {
				return err
			}
			if r.Revision != at+1 || r.Duplicate {
				return fmt.Errorf("appended at %v: %+v", at, r)
			}
			at = r.Revision
			acknowledged[i][at] = e.ID
		}
		return nil
	})
	all := k.read("s", cairn.ReadOptions{})
	same(k, "events", len(all), writers*appends)
	for i := range all {
		same(k, "revision", all[i].Revision, cairn.Revision(i))
	}
	for _, mine := range acknowledged {
		for r, id := range mine {
			if int(r) >= len(all) || all[r].ID != id {
				k.Errorf("the event acknowledged at revision %v is not there", r)
			}
		}
	}
}

// writersOfManyStreams do not get in each other's way.
func writersOfManyStreams(k *kit) {
	const writers, appends = 16, 20
	k.together(writers, func(i int) error {
		at, position := cairn.NoStream, cairn.Position(0)
		for j := range appends {
			r, err := k.store.Append(k.ctx, fmt.Sprint("s-", i), at, events("a", "b")[:1+j%2]...)
			if err != nil {
				return err
			}
			if r.Revision <= at || r.Position <= position {
				return fmt.Errorf("receipt %+v after revision %v, position %v", r, at, position)
			}
			at, position = r.Revision, r.Position
		}
		return nil
	})
	dense(k)
}

// dense checks that positions and revisions have no gaps, and that the log and
// the streams hold the same events.
func dense(k *kit) {
	k.Helper()
	streams := map[string][]cairn.ID{}
	all := k.all(cairn.AllOptions{})
	for i, e := range all {
		same(k, "position", e.Position, cairn.Position(i+1))
		if e.Revision != cairn.TombstoneRevision {
			same(k, "revision", e.Revision, cairn.Revision(len(streams[e.Stream])))
			streams[e.Stream] = append(streams[e.Stream], e.ID)
		}
	}
	same(k, "head", k.head(), cairn.Position(len(all)))
	for stream, ids := range streams {
		same(k, "last revision of "+stream, k.info(stream).Last, cairn.Revision(len(ids)-1))
	}
}

// followersMissNothing follows the log, streams and filters while many write.
func followersMissNothing(k *kit) {
	const writers, appends = 6, 40
	followers := map[string]*follower{
		"log":    k.follow(cairn.AllOptions{}),
		"type":   k.follow(cairn.AllOptions{Query: cairn.ByType("3")}),
		"tag":    k.follow(cairn.AllOptions{Query: cairn.ByTag("even")}),
		"first":  k.follow(cairn.AllOptions{Query: cairn.Query{{First: true}}}),
		"stream": k.followStream("s-1", cairn.ReadOptions{}),
	}
	names := sorted(followers)
	seen := make([][]cairn.Recorded, len(names))
	k.together(writers+len(names), func(i int) error {
		if i < writers {
			return write(k, i, appends)
		}
		name := names[i-writers]
		share := map[string]int{"log": 1, "type": 10, "tag": 2, "first": appends, "stream": writers}[name]
		seen[i-writers] = collect(followers[name], writers*appends/share)
		return nil
	})
	for i, name := range names {
		followers[name].stop()
		compareFollowed(k, name, seen[i])
	}
}

// write appends one event at a time, some of them tagged.
func write(k *kit, writer, appends int) error {
	for j := range appends {
		runtime.Gosched()
		e := cairn.Event{Type: fmt.Sprint(j % 10), Tags: []string{"even", "odd"}[j%2 : j%2+1]}
		if _, err := k.store.Append(k.ctx, fmt.Sprint("s-", writer), cairn.Any, e); err != nil {
			return err
		}
	}
	return nil
}

// collect takes n events, and what else comes until the follower waits.
func collect(f *follower, n int) (all []cairn.Recorded) {
	for s := range f.sights {
		switch {
		case s.what == "error" || s.what == "caught up" && len(all) >= n:
			return all
		case s.what == "event":
			all = append(all, s.event)
		}
	}
	return all
}

func compareFollowed(k *kit, name string, got []cairn.Recorded) {
	k.Helper()
	query := map[string]cairn.Query{"type": cairn.ByType("3"), "tag": cairn.ByTag("even"), "first": {{First: true}}, "stream": {{Streams: []string{"s-1"}}}}[name]
	var want []cairn.Position
	for _, e := range k.all(cairn.AllOptions{}) {
		if query.Match(&e) {
			want = append(want, e.Position)
		}
	}
	equal(k, "what the follower of the "+name+" saw", positions(got), want)
}
