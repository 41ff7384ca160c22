package lane

import (
	"context"
	"errors"
	"fmt"

	"github.com/cairndb/cairn/broker"
)

// An Arrival is what a broker has delivered: as it came, and as a message if it
// could be read as one.
type Arrival struct {
	Message broker.Message
	Letter  broker.Letter // its Err says why there is no message
	Before  int           // attempts that the broker has counted
}

// Handle calls handle, and then sink for what is rejected, if there is one. What
// the sink has taken is done with; when it fails the whole is to be tried again.
func (a *Arrival) Handle(ctx context.Context, attempt int, handle func(context.Context, broker.Delivery) error, sink broker.Sink) error {
	err := a.Letter.Err
	if err == nil {
		m := a.Message
		m.Event = m.Event.Clone()
		err = handle(ctx, broker.Delivery{Message: m, Attempt: a.Before + attempt})
	}
	if sink == nil || !errors.Is(err, broker.ErrRejected) {
		return err
	}
	l := a.Letter
	l.Err = err
	if failed := sink(ctx, l); failed != nil {
		// Not wrapped: a sink that rejects a letter has not taken it.
		return fmt.Errorf("the sink did not take the letter (%v): %v", err, failed)
	}
	return nil
}
