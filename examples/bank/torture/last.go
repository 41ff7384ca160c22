package torture

import (
	"context"
	"errors"
	"fmt"
)

// lastAudit reads every event and every answer once more, from the first.
func (c *campaign) lastAudit(ctx context.Context) error {
	store, err := c.Open(c.Dir)
	if err != nil {
		return fmt.Errorf("open the store for the last audit: %w", err)
	}
	l := newLedger()
	result, err := c.settings().audit(ctx, store, l, 0, uint32(c.report.Turns)+1)
	if err := errors.Join(err, store.Close()); err != nil {
		return fmt.Errorf("last audit: %w", err)
	}
	c.report.Audits++
	c.report.Acknowledged = result.Acks
	c.report.Transfers, c.report.Changes, c.report.Events = l.Counts.Transfers, l.Counts.Changes, l.Counts.Events
	c.report.Head, c.report.Total = l.Head, l.Total
	return c.verify(ctx)
}

func (c *campaign) verify(ctx context.Context) (err error) {
	if c.Verify == nil {
		return nil
	}
	if c.report.Verify, err = c.Verify(ctx, c.Dir); err != nil {
		return broken("honest", "the stored bytes do not verify: %v", err)
	}
	return nil
}
