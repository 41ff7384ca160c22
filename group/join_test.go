package group_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"testing"
	"testing/synctest"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
)

// A distracted store lets something happen just before a stream is looked at,
// in one of two ways, after a while.
type distracted struct {
	cairn.Store
	stream       string
	reads, looks int // how often it was looked at; it happens when it is zero
	happen       func()
}

func (d *distracted) ReadStream(ctx context.Context, stream string, o cairn.ReadOptions) iter.Seq2[cairn.Recorded, error] {
	d.count(stream, &d.reads)
	return d.Store.ReadStream(ctx, stream, o)
}

func (d *distracted) StreamInfo(ctx context.Context, stream string) (cairn.StreamInfo, error) {
	d.count(stream, &d.looks)
	return d.Store.StreamInfo(ctx, stream)
}

func (d *distracted) count(stream string, n *int) {
	if stream == d.stream {
		if *n++; *n == 0 {
			d.happen()
		}
	}
}

// A member that finds a partition free, and then has to wait while another one
// claims it, does not take it away: it is given it. Whose it should be depends
// on their names, which are random, so there are many groups.
func TestWhoComesAtTheSameTimeTakesNothingAway(t *testing.T) {
	for _, first := range []distracted{{reads: -2}, {looks: -2}} {
		for n := range 16 {
			world(t, func(t *testing.T, store cairn.Store) {
				name := fmt.Sprint("g", n)
				late := first
				late.Store, late.stream = store, "$group-"+name+"-progress-0"
				comeTogether(t, store, &late, name)
				gives(t, store, late.stream)
			})
		}
	}
}

// comeTogether runs two members, the second while the first is distracted.
func comeTogether(t *testing.T, store cairn.Store, late *distracted, name string) {
	member := func(store cairn.Store) func() {
		return start(t, func(ctx context.Context) error {
			o := group.Options{Partitions: 1}
			return group.Run(ctx, store, name, o, func(context.Context, cairn.Recorded) error { return nil })
		})
	}
	joined := make(chan struct{})
	var stop func()
	late.happen = func() {
		stop = member(store)
		synctest.Wait()
		close(joined)
	}
	stopLate := member(late)
	<-joined
	synctest.Wait()
	stop()
	stopLate()
}

// gives makes sure that no owner of a partition lost it before it let it go:
// where nothing else happens each claim but the first follows a release. Only the
// last events of the stream can be read.
func gives(t *testing.T, store cairn.Store, stream string) {
	t.Helper()
	claims := 0
	for e, err := range store.ReadStream(t.Context(), stream, cairn.ReadOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == "$group-released" {
			continue
		}
		var claim struct{ Epoch cairn.Revision }
		if err := json.Unmarshal(e.Data, &claim); err != nil {
			t.Fatal(err)
		}
		if claims++; e.Revision != 2*(claim.Epoch-1) {
			t.Errorf("it was taken away at revision %d: %s", e.Revision, e.Data)
		}
	}
	if claims == 0 {
		t.Error("it was not claimed")
	}
}
