package mongotarget

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"

	"github.com/cairndb/cairn/projection"
)

// A cleared is what the driver says when it has given up its connections.
type cleared struct{}

func (cleared) Error() string   { return "cleared" }
func (cleared) Retryable() bool { return true }

// TestFaultsOfTheDriver are those that no server has answered with.
func TestFaultsOfTheDriver(t *testing.T) {
	paused := driver.Error{Message: "cleared", Labels: []string{errAgain}, Wrapped: cleared{}}
	cases := []struct {
		err  error
		want projection.Fault
	}{
		{topology.ErrServerClosed, projection.FaultDown},
		{topology.ErrPoolClosed, projection.FaultDown},
		{topology.ServerSelectionError{}, projection.FaultDown},
		{context.DeadlineExceeded, projection.FaultDown},
		{&endedError{errors.New("a"), cleared{}}, projection.FaultDown},
		{mongo.CommandError{Labels: paused.Labels, Wrapped: paused}, projection.FaultDown},
		{mongo.ErrClientDisconnected, projection.FaultSetup},
		{errors.New("the handler's own"), projection.FaultEvent},
	}
	for _, c := range cases {
		if got := fault(fmt.Errorf("wrapped: %w", c.err)); got != c.want {
			t.Errorf("%v is %v, want %v", c.err, got, c.want)
		}
	}
}

// TestFarewell ends an update whose server does not answer any more.
func TestFarewell(t *testing.T) {
	silent := make(chan struct{})
	s := play(t, func(name string, cmd bson.M) bson.M {
		if name == "abortTransaction" {
			<-silent
		}
		return usual(name, cmd)
	})
	t.Cleanup(func() { close(silent) })
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	err := New(s.db, &Options{Transactions: true}).Update(ctx, move, func(ctx context.Context, _ *Tx) error {
		cancel(enough)
		return ctx.Err()
	})
	if !errors.Is(err, enough) {
		t.Fatalf("got %v, want the cause", err)
	}
}
