package decider

import (
	"context"

	"github.com/cairndb/cairn"
)

// A Result says what a decision has come to.
type Result[S any] struct {
	// State is the state after the events of the decision. If the decision was
	// an error, or led to no events, it is the state that was decided on.
	State S

	// Receipt is the store's answer. Without events its Revision is where the
	// stream stands and its Position zero. What [Decider.Once] finds stored has
	// the Position of then, and as its Revision where the stream stands now.
	cairn.Receipt

	// Attempts is how often the events were handed to the store.
	Attempts int
}

// Do loads a stream, asks decide what follows from its state, and appends that,
// expecting the stream to stand where it was read. On a conflict it begins
// again; the options say how often and how soon.
//
// A decision without events stores nothing, and neither does one with an error,
// which is returned as it is.
//
// Other errors are a [*GaveUpError], those of the store, and those of the codec,
// [codec.DecodeError] and [codec.EncodeError]. After each of them nothing was
// stored, unless it matches [cairn.ErrUnknownOutcome]; the result then holds
// nothing but Attempts.
func (d *Decider[S, E]) Do(ctx context.Context, stream string, decide func(S) ([]E, error)) (Result[S], error) {
	all, err := d.Together(ctx, []string{stream}, func(states []S) ([][]E, error) {
		events, err := decide(states[0])
		return [][]E{events}, err
	})
	one := Result[S]{Attempts: all.Attempts}
	if len(all.States) == 1 {
		one.State = all.States[0]
		one.Receipt = cairn.Receipt{Revision: all.Revisions[0], Position: all.Position, Duplicate: all.Duplicate}
	}
	return one, err
}
