package kurrent

import (
	"context"

	"github.com/cairndb/cairn"
)

// subscribeAll answers a subscription to the log. It ends when the caller goes or
// may not read the log any more.
func (p *reading) subscribeAll() error {
	info, err := p.service.store.Info(p.ctx)
	if err != nil {
		return err
	}
	if err := p.out.confirm(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(p.ctx)
	defer cancel(nil)
	f := &following{reading: p, after: p.start.after(info.Head), fail: cancel}
	if p.filter != nil {
		f.marks = &checkpoints{interval: p.filter.interval, reached: f.after, send: p.out.checkpoint}
	}
	return f.run(ctx, info.Head)
}

// A following follows the log.
type following struct {
	*reading
	after cairn.Position // events up to here were dealt with
	marks *checkpoints   // nil without a filter
	live  bool
	fail  context.CancelCauseFunc
}

// run catches up as the store finds fastest, and then follows. A client that
// wants to hear of every few events that it does not see has to be woken by
// all of them, unless that is as often as the store tells anyway.
func (f *following) run(ctx context.Context, head cairn.Position) error {
	o := cairn.AllOptions{After: f.after, Follow: true, CaughtUp: f.caughtUp}
	if f.filter != nil && f.filter.query != nil {
		o.Query, o.Progress = f.filter.query, f.passed
		if f.filter.interval < cairn.ProgressEvery && f.after < head {
			o.Follow, o.Before, o.CaughtUp = false, head+1, nil
			if err := f.follow(ctx, o); err != nil {
				return err
			}
			f.passed(head)
			o = cairn.AllOptions{After: head, Follow: true, CaughtUp: f.caughtUp}
		}
		if f.filter.interval < cairn.ProgressEvery {
			o.Query, o.Progress = nil, nil
		}
	}
	return f.follow(ctx, o)
}

func (f *following) follow(ctx context.Context, o cairn.AllOptions) error {
	var at cairn.Position
	before := func() { f.passed(at - 1) }
	for e, err := range f.service.store.ReadAll(ctx, o) {
		if err != nil {
			return err
		}
		at = e.Position
		if err := f.offer(&e, before); err != nil {
			return err
		}
		f.passed(at)
	}
	return context.Cause(ctx)
}

// passed notes that everything up to a position was dealt with.
func (f *following) passed(p cairn.Position) {
	if f.marks == nil {
		return
	}
	if err := f.marks.pass(p); err != nil {
		f.fail(err)
	}
}

// caughtUp notes that everything was dealt with that there is, and tells the
// client when this is so for the first time.
func (f *following) caughtUp(head cairn.Position) {
	f.passed(head)
	if f.live {
		return
	}
	f.live = true
	if f.marks != nil {
		if err := f.marks.mark(head); err != nil {
			f.fail(err)
		}
	}
	if err := f.out.caughtUpAll(head); err != nil {
		f.fail(err)
	}
}

// checkpoints tells a client how far a filter has come, so that it can go on from
// there though it has not seen any event: each time so many events were
// considered. It never says a position twice, or one that there is no event at.
type checkpoints struct {
	interval cairn.Position
	reached  cairn.Position // where the present interval began
	told     cairn.Position
	send     func(cairn.Position) error
}

// mostAtOnce is how many checkpoints are sent one after the other for events that
// nothing else is sent about.
const mostAtOnce = 64

// pass tells of every interval that ends at or before p.
func (c *checkpoints) pass(p cairn.Position) error {
	if p < c.reached+c.interval {
		return nil
	}
	if n := (p - c.reached) / c.interval; n > mostAtOnce {
		c.reached += (n - mostAtOnce) * c.interval
	}
	for c.reached+c.interval <= p {
		c.reached += c.interval
		if err := c.say(c.reached); err != nil {
			return err
		}
	}
	return nil
}

// mark tells of p in any case, and begins a new interval there.
func (c *checkpoints) mark(p cairn.Position) error {
	c.reached = max(c.reached, p)
	return c.say(p)
}

func (c *checkpoints) say(p cairn.Position) error {
	if p <= c.told {
		return nil
	}
	c.told = p
	return c.send(p)
}
