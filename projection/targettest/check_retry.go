package targettest

import (
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// A patient is a stream whose events fail until the handler's code is mended. It
// looks whether they come in order: none before the one in front of it has been
// tried.
type patient struct {
	stream string
	fails  atomic.Bool

	mu    sync.Mutex
	tried cairn.Revision // how many
	order error
}

func (p *patient) before(e *projection.Event) error {
	if e.Stream != p.stream {
		return nil
	}
	if p.fails.Load() {
		return errEnough
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.Revision > p.tried && p.order == nil {
		p.order = fmt.Errorf("revision %d was applied when only %d events before it had been", e.Revision, p.tried)
	}
	p.tried = max(p.tried, e.Revision+1)
	return nil
}

// inOrder is the error of events that did not come in order.
func (p *patient) inOrder() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.order
}

// retrying parks a stream, mends what was wrong about it, and retries by way of both
// targets at once while its events keep coming: each has its effect once, in order.
func retrying[Tx any](k *kit[Tx]) {
	sick := &patient{stream: "in-0"}
	p := k.projection("retries", sick.before)
	p.Failures = projection.ParkOnFailure
	k.feed(20, 4)
	k.append(sick.stream)
	m := k.join(shake(k.Target, 20, 60), p, eager())
	k.awaitRows(k.counted())
	for range 3 {
		k.parks(sick)
		k.retryInVain(p, sick)
		sick.fails.Store(false)
		k.retryBesideEvents(p, sick)
		k.awaitRows(k.counted())
	}
	k.retire(m)
	k.rows(table, k.counted())
	if err := sick.inOrder(); err != nil {
		k.Error(err)
	}
	k.nothingParked(p.Name)
}

// parks feeds events until some are parked, and all others are applied.
func (k *kit[Tx]) parks(sick *patient) {
	k.Helper()
	sick.fails.Store(true)
	want := k.counted()
	for range 5 {
		k.append(sick.stream)
		k.feed(4, 4)
	}
	k.awaitRows(k.but(want, sick))
}

// but is what the table must hold if the stream stands where it did.
func (k *kit[Tx]) but(before map[string]int64, sick *patient) map[string]int64 {
	want := maps.Clone(k.counted())
	for _, key := range []string{sick.stream, "last of " + sick.stream} {
		if n, ok := before[key]; ok {
			want[key] = n
		}
	}
	return want
}

// retryInVain retries what still fails: nothing changes.
func (k *kit[Tx]) retryInVain(p projection.Projection[Tx], sick *patient) {
	k.Helper()
	before := k.read(table)[0]
	all, err := projection.RetryParked(k.ctx, k.log, k.Second, p)
	if err != nil || len(all) != 1 {
		k.Fatalf("RetryParked of what still fails: %v, %v; want one key", all, err)
	}
	if r := all[0]; r.Key != sick.stream || r.Applied != 0 || r.Left == 0 || !errors.Is(r.Err, errEnough) {
		k.Errorf("RetryParked of what still fails: %+v", r)
	}
	k.rows(table, before)
}

// retryBesideEvents retries a key in two places while events of it keep coming.
func (k *kit[Tx]) retryBesideEvents(p projection.Projection[Tx], sick *patient) {
	k.Helper()
	k.whileLooking(func() error { return k.looksInOrder(sick) }, func() {
		errs := make([]error, 2)
		var group sync.WaitGroup
		for i := range errs {
			group.Go(func() { errs[i] = k.retry(shake(k.handle(i), 20, 60), p, sick) })
		}
		for range 20 {
			k.append(sick.stream)
			k.feed(1, 4)
		}
		group.Wait()
		if err := errors.Join(errs...); err != nil {
			k.Error(err)
		}
	})
}

// retry retries a key, which somebody else may have freed already.
func (k *kit[Tx]) retry(t projection.Target[Tx], p projection.Projection[Tx], sick *patient) error {
	all, err := projection.RetryParked(k.ctx, k.log, t, p, sick.stream)
	if errors.Is(err, projection.ErrUnknown) {
		return nil
	}
	if err != nil || len(all) != 1 || all[0].Err != nil || all[0].Left != 0 || all[0].Skipped != 0 {
		return fmt.Errorf("RetryParked of what is mended: %+v, %v", all, err)
	}
	return nil
}

// looksInOrder reads as a reader does: the last event that was applied is that of
// which there are so many.
func (k *kit[Tx]) looksInOrder(sick *patient) error {
	got, err := k.Rows(k.ctx, table)
	if err != nil || k.Add == nil {
		return err
	}
	if n, last := got[0][sick.stream], got[0]["last of "+sick.stream]; n != last {
		return fmt.Errorf("a reader saw that event %d was the last one applied, and that %d were", last, n)
	}
	return nil
}

// nothingParked looks at what is remembered of a projection.
func (k *kit[Tx]) nothingParked(name string) {
	k.Helper()
	keys, err := projection.Parked(k.ctx, k.Second, name)
	if err != nil || len(keys) > 0 {
		k.Errorf("parked are %v, %v; want none", keys, err)
	}
}
