package kurrent_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/cairndb/cairn/server/kurrent"
)

func TestSubscribeToStream(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	w.putMany("s", 3)
	start := w.follow(ofStream("s"))
	start.want("confirmed", "s/0", "s/1", "s/2", "live 2")
	unsaid := w.follow(ofStream("s"), func(o *options) { o.GetStream().RevisionOption = nil })
	unsaid.want("confirmed", "s/0", "s/1", "s/2", "live 2")
	after := w.follow(ofStream("s"), fromRevision(1))
	after.want("confirmed", "s/2", "live 2")
	end := w.follow(ofStream("s"), fromEnd)
	end.want("confirmed", "live 2")
	last := w.follow(ofStream("s"), fromRevision(1<<64-1))
	last.want("confirmed", "live 2")
	ahead := w.follow(ofStream("s"), fromRevision(3))
	ahead.want("confirmed", "live 2")
	missing := w.follow(ofStream("m"))
	missing.want("confirmed", "live")

	w.putMany("other", 2)
	w.putMany("s", 2)
	w.putMany("m", 1)
	for _, f := range []*follower{start, unsaid, after, end, last} {
		f.want("s/3", "s/4")
	}
	ahead.want("s/4")
	missing.want("m/0")
}

// TestSubscribeDeletions: a soft deletion ends nothing, a tombstone comes as an
// event and then as an error.
func TestSubscribeDeletions(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	w.putMany("s", 1)
	f := w.follow(ofStream("s"))
	f.want("confirmed", "s/0", "live 0")
	w.softDelete("s")
	w.putMany("s", 1)
	f.want("s/1")
	w.tombstone("s")
	f.want("s/9223372036854775807", "FailedPrecondition stream-deleted s")
	w.follow(ofStream("s")).want("FailedPrecondition stream-deleted s")
	w.follow(ofStream("$$s")).want("FailedPrecondition stream-deleted $$s")
}

func TestSubscribeToLinks(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	w.putMany("s", 2)
	w.putLink("l", "0@s")
	f := w.follow(ofStream("l"), resolving)
	f.want("confirmed", "l/0>s/0", "live 0")
	w.putLink("l", "1@s")
	f.want("l/1>s/1")
	w.describe("s", `{"$tb":2}`)
	w.putLink("l", "1@s")
	f.want("l/2>")
}

func TestSubscribeToAll(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	empty := w.follow(ofAll)
	empty.want("confirmed", "live")
	w.putMany("s", 3)
	empty.want("s/0", "s/1", "s/2")
	start := w.follow(ofAll)
	start.want("confirmed", "s/0", "s/1", "s/2", "live at 3")
	after := w.follow(ofAll, fromPosition(2, 2))
	after.want("confirmed", "s/2", "live at 3")
	before := w.follow(ofAll, fromPosition(2, 1))
	before.want("confirmed", "s/1", "s/2", "live at 3")
	zero := w.follow(ofAll, fromPosition(0, 0))
	zero.want("confirmed", "s/0", "s/1", "s/2", "live at 3")
	end := w.follow(ofAll, fromEnd)
	end.want("confirmed", "live at 3")
	last := w.follow(ofAll, fromPosition(1<<64-1, 1<<64-1))
	last.want("confirmed", "live at 3")
	w.put("$persistentsubscription-$all::g-checkpoint", "x")
	w.putMany("s", 1)
	for _, f := range []*follower{empty, start, after, before, zero, end, last} {
		f.want("s/3")
	}
}

// TestSubscribeFiltered tells when a client hears how far its filter has come.
func TestSubscribeFiltered(t *testing.T) {
	steps := func(from, to, by int) (lines []string) {
		for ; from <= to; from += by {
			lines = append(lines, fmt.Sprint("checkpoint ", from))
		}
		return lines
	}
	for name, filter := range map[string]func(window, multiplier uint32) ask{
		"by prefix":     func(w, m uint32) ask { return filtered("stream", "prefix", w, m, "a") },
		"by expression": func(w, m uint32) ask { return filtered("stream", "regex", w, m, "^a") },
		"by type":       func(w, m uint32) ask { return filtered("type", "prefix", w, m, "a") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, kurrent.Options{})
			w.put("a", "a") // 1
			w.putMany("b", 8)
			w.put("a", "a") // 10
			w.putMany("b", 3)

			f := w.follow(ofAll, filter(4, 1))
			f.want("confirmed", "a/0", "checkpoint 4", "checkpoint 8", "a/1", "checkpoint 12", "checkpoint 13", "live at 13")
			wide := w.follow(ofAll, filter(100, 200))
			wide.want("confirmed", "a/0", "a/1", "checkpoint 13", "live at 13")
			end := w.follow(ofAll, fromEnd, filter(2, 2))
			end.want("confirmed", "checkpoint 13", "live at 13")
			each := w.follow(ofAll, fromPosition(8, 8), filter(1, 1))
			each.want("confirmed", "checkpoint 9", "a/1", "checkpoint 10", "checkpoint 11", "checkpoint 12", "checkpoint 13", "live at 13")

			w.putMany("b", 9) // to 22
			w.put("a", "a")   // 23
			f.want(steps(17, 21, 4)...)
			f.want("a/2")
			wide.want("a/2")
			end.want("checkpoint 17", "checkpoint 21", "a/2")
			each.want(steps(14, 22, 1)...)
			each.want("a/2", "checkpoint 23")
		})
	}
}

// TestSubscribeFilteredNothing: everything is left out, and still the client hears
// how far it has come; in an empty log there is nothing to say.
func TestSubscribeFilteredNothing(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	empty := w.follow(ofAll, filtered("type", "regex", 1, 1, "^nothing$"))
	empty.want("confirmed", "live")
	w.putMany("s", 2)
	empty.want("checkpoint 1", "checkpoint 2")
	w.follow(ofAll, filtered("type", "regex", 1, 1, "^nothing$")).want("confirmed", "checkpoint 1", "checkpoint 2", "live at 2")
	w.follow(ofAll, filtered("stream", "prefix", 1, 1)).want("confirmed", "checkpoint 1", "checkpoint 2", "live at 2")
}

// TestSubscribeFilteredSparsely: of a long stretch without a match the client hears
// the end, not each of its parts.
func TestSubscribeFilteredSparsely(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	w.putMany("b", 1000)
	f := w.follow(ofAll, filtered("stream", "prefix", 1, 1, "a"))
	f.want("confirmed")
	for p := 937; p <= 1000; p++ {
		f.want(fmt.Sprint("checkpoint ", p))
	}
	f.want("live at 1000")
}

// TestClose ends subscriptions of every kind, and later ones.
func TestClose(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	w.put("a-1", "x")
	asks := [][]ask{{ofAll}, {ofStream("a-1")}, {ofStream("$ce-a")}, {ofStream("$ce-$")}, {ofAll, filtered("type", "prefix", 32, 1, "y")}}
	var all []*follower
	for _, parts := range asks {
		f := w.follow(append(parts, fromEnd)...)
		f.want("confirmed")
		all = append(all, f)
	}
	w.service.Close()
	for _, f := range all {
		for {
			if _, err := f.call.Recv(); err != nil {
				equal(t, "end", failure(err, f.call.Trailer()), "Unavailable")
				break
			}
		}
	}
	w.follow(ofAll).want("Unavailable")
	equal(t, "reads go on", w.read(ofAll), "a-1/0")
}

// TestSubscribersLeave: whoever goes away leaves nothing behind.
func TestSubscribersLeave(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	w.putMany("s", 1)
	for range 20 {
		f := w.follow(ofStream("s"))
		f.want("confirmed", "s/0", "live 0")
		f.cancel()
		f.want("Canceled")
	}
	nothingRuns(t)
}

// TestDeadline: a read whose time is over says so.
func TestDeadline(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	ctx, cancel := context.WithTimeout(w.ctx, 1)
	defer cancel()
	call, err := w.streams.Read(ctx, readRequest(ofStream("s")))
	if err == nil {
		_, err = call.Recv()
	}
	equal(t, "end", failure(err, nil), "DeadlineExceeded")
}
