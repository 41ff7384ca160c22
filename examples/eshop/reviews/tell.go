package reviews

import (
	"context"
	"errors"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/examples/eshop/contract"
)

// The pauses of Run: after a failure, and between two looks at what somebody else
// may have written.
const (
	pause = 200 * time.Millisecond
	look  = 5 * time.Second
)

// untold is how many reviews are told of at a time.
const untold = 100

// Run tells others of what was written, until ctx ends. It returns the cause of
// ctx, or what could not be mended.
func (s *Service) Run(ctx context.Context) error {
	c, err := contract.ByReviews()
	for err == nil && ctx.Err() == nil {
		rest := look
		switch err := s.tell(ctx, c); {
		case errors.Is(err, broker.ErrClosed):
			return err
		case err != nil && ctx.Err() == nil:
			s.o.Logger.Warn("reviews: others cannot be told", "err", err)
			rest = pause
		}
		s.sleep(ctx, rest)
	}
	return errors.Join(err, context.Cause(ctx))
}

func (s *Service) sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.stir:
	case <-ctx.Done():
	}
}

func (s *Service) wake() {
	select {
	case s.stir <- struct{}{}:
	default:
	}
}

// tell tells of all that nobody was told of.
func (s *Service) tell(ctx context.Context, c *broker.Contract) error {
	for {
		all, err := s.o.Documents.Untold(ctx, untold)
		if err != nil || len(all) == 0 {
			return err
		}
		for _, r := range all {
			if err := s.publish(ctx, c, r); err != nil {
				return err
			}
			if err := s.o.Documents.Told(ctx, r.ID); err != nil {
				return err
			}
		}
	}
}

// publish makes an integration event of a review. Its ID is the review's, so it is
// the same however often it is published.
func (s *Service) publish(ctx context.Context, c *broker.Contract, r Review) error {
	id, err := cairn.ParseID(r.ID)
	if err != nil {
		return err
	}
	fact := cairn.Recorded{Event: cairn.Event{ID: id, Type: contract.ReviewWritten.Name, Time: r.At}, Stream: "review-" + r.ID}
	messages, err := c.Map(fact, func(cairn.Recorded) ([]broker.Draft, error) {
		return []broker.Draft{contract.ReviewWritten.Draft(contract.ReviewWrittenV1{SKU: r.SKU, Customer: r.Customer, Stars: r.Stars})}, nil
	})
	if err != nil {
		return err
	}
	return s.o.Publisher.Publish(ctx, messages[0])
}
