package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/cairndb/cairn"
)

// A progress is how much is done, counted while it is being done.
type progress struct {
	Written, Stated, Stock, Noted int64
	Again                         int64 // messages that came again, in billing's life
}

func (p progress) String() string {
	return fmt.Sprintf("%d written, %d stated, %d noted by billing, %d requests for stock", p.Written, p.Stated, p.Noted, p.Stock)
}

// share is how much of all that is to do is done.
func (p progress) share(events, rounds int) float64 {
	return float64(p.Written+p.Stated+p.Noted+p.Stock) / float64(3*events+2*rounds)
}

// done reports whether nothing is left to do. Each round reserves stock, and
// then ships or releases it.
func (p progress) done(events, rounds int) bool {
	n := int64(events)
	return p.Written >= n && p.Stated >= n && p.Noted >= n && p.Stock >= int64(2*rounds)
}

// look counts, and reports whether there is more than before. Who does not answer
// was killed just now, perhaps, and is asked again.
func (c *campaign) look(ctx context.Context) (further bool) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	now := c.seen
	for category, n := range map[string]*int64{"order": &now.Written, "statement": &now.Stated, "stock": &now.Stock} {
		if found, err := c.store.Count(ctx, cairn.ByCategory(category), 1<<62); err == nil {
			*n = max(*n, found)
		}
	}
	if found, again, err := c.ask(ctx); err == nil {
		now.Noted = max(now.Noted, found)
		c.report.Again += max(again-now.Again, 0)
		now.Again = again
	}
	further = now != c.seen
	c.seen = now
	return further
}

// ask asks billing how much it has noted.
func (c *campaign) ask(ctx context.Context) (noted, again int64, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.processes[1].part.Billing+"/noted", nil)
	if err != nil {
		return 0, 0, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, 0, err
	}
	defer answer.Body.Close()
	_, err = fmt.Fscan(answer.Body, &noted, &again)
	return noted, again, err
}
