package cairn

import (
	"context"
	"sync"
)

// A BulkCommitter is a [Committer] that takes many batches at once, at the
// price of few. Stores that can offer it; [CommitEach] works with any.
type BulkCommitter interface {
	// CommitEach commits batches that have nothing to do with each other, each
	// as [Committer.Commit] would, in the order in which they are given: a
	// later one sees what an earlier one stored, and one that fails does not
	// keep the others from being stored. It returns when the outcome of each is
	// known, in the same order.
	CommitEach(ctx context.Context, batches []Batch) []Outcome
}

// An Outcome is what became of one of several batches.
type Outcome struct {
	BatchReceipt
	Err error // what Commit would have returned
}

// CommitEach commits batches that have nothing to do with each other, through
// the committer's own [BulkCommitter.CommitEach] if it has one. Otherwise it
// calls Commit from many goroutines, and then their order is not kept.
func CommitEach(ctx context.Context, c Committer, batches []Batch) []Outcome {
	if bulk, ok := c.(BulkCommitter); ok {
		return bulk.CommitEach(ctx, batches)
	}
	outcomes := make([]Outcome, len(batches))
	var wg sync.WaitGroup
	for i := range batches {
		wg.Go(func() {
			outcomes[i].BatchReceipt, outcomes[i].Err = c.Commit(ctx, batches[i])
		})
	}
	wg.Wait()
	return outcomes
}
