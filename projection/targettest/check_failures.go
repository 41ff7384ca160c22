package targettest

import (
	"errors"
	"maps"
	"strings"
	"sync/atomic"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// broken is a handler's code that is wrong about one stream, and then mended.
type broken struct{ mended atomic.Bool }

func (b *broken) before(e *projection.Event) error {
	if e.Stream == "in-0" && e.Revision >= 2 && !b.mended.Load() {
		return errEnough
	}
	return nil
}

// feedBroken makes sure that there is something to fail on, and something behind it.
func (k *kit[Tx]) feedBroken() {
	k.Helper()
	for range 5 {
		k.append("in-0")
		k.feed(10, 4)
	}
}

// stopping ends the runner at the event, with all before it applied, and a runner
// whose handler is mended goes on from there.
func stopping[Tx any](k *kit[Tx]) {
	b := &broken{}
	p := k.projection("stops", b.before)
	k.feedBroken()
	err := k.failed(k.join(k.Target, p, eager()))
	f, ok := errors.AsType[*projection.FailureError](err)
	if !ok || !errors.Is(err, errEnough) || !errors.Is(err, projection.ErrFailed) {
		k.Fatalf("the runner ended with %v, want a *FailureError of the handler's error", err)
	}
	if f.Event.Stream != "in-0" || f.Event.Revision != 2 || f.Attempts != 3 {
		k.Errorf("it stopped at revision %d of %q after %d attempts, want revision 2 of in-0 after 3", f.Event.Revision, f.Event.Stream, f.Attempts)
	}
	k.rows(table, k.countedBefore(f.Event.Position))
	b.mended.Store(true)
	m := k.join(k.Second, p, eager())
	k.feed(10, 4)
	k.awaitRows(k.counted())
	k.retire(m)
	k.rows(table, k.counted())
}

// countedBefore is what the table must hold when all up to a position was applied.
func (k *kit[Tx]) countedBefore(end cairn.Position) map[string]int64 {
	k.Helper()
	want := map[string]int64{}
	for e, err := range k.log.ReadAll(k.ctx, cairn.AllOptions{Query: cairn.ByCategory("in")}) {
		if err != nil {
			k.Fatal(err)
		}
		if e.Position >= end {
			break
		}
		want[e.Stream]++
		if k.Add != nil {
			want["last of "+e.Stream]++
		}
	}
	return want
}

// without leaves out what was not applied of the stream that fails.
func without(all map[string]int64) map[string]int64 {
	some := maps.Clone(all)
	for key := range some {
		if strings.HasSuffix(key, "in-0") {
			some[key] = 2
		}
	}
	return some
}

// parking goes on with the other streams, and with all of them in another life.
func parking[Tx any](k *kit[Tx]) {
	b := &broken{}
	p := k.projection("parks", b.before)
	p.Failures = projection.ParkOnFailure
	k.feedBroken()
	m := k.join(k.Target, p, eager())
	k.awaitRows(without(k.counted()))
	k.feedBroken()
	k.awaitRows(without(k.counted()))
	k.retire(m)
	k.rows(table, without(k.counted()))
}

// skipping leaves out what fails, and only that.
func skipping[Tx any](k *kit[Tx]) {
	p := k.projection("skips", (&broken{}).before)
	p.Failures = projection.SkipOnFailure
	k.feedBroken()
	m := k.join(k.Target, p, eager())
	k.awaitRows(without(k.counted()))
	k.feedBroken()
	k.awaitRows(without(k.counted()))
	k.retire(m)
	k.rows(table, without(k.counted()))
}
