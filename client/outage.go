package client

import (
	"context"
	"time"
)

// An outage is the time in which a call finds no server, and decides how long the
// call goes on looking for one.
type outage struct {
	address string
	most    time.Duration // zero is no limit
	since   time.Time     // zero if all is well
	pause   pacer
}

func (c *Client) outage() *outage { return &outage{address: c.address.Host, most: c.options.MaxWait} }

// ended is called when an answer came.
func (o *outage) ended() { o.since, o.pause = time.Time{}, pacer{} }

// over is called with the error of an attempt. It waits a little and returns nil
// if the call is to be tried again, else the error with which it ends.
func (o *outage) over(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if last := final(err); last != nil {
		return last
	}
	if o.since.IsZero() {
		o.since = time.Now()
	}
	if o.most > 0 && time.Since(o.since) > o.most {
		return unavailable(o.address, err)
	}
	return o.pause.wait(ctx)
}
