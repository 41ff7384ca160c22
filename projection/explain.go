package projection

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/cairndb/cairn"
)

// Explain returns the events that had an effect on a row, oldest first, as the
// projection's Lineage has named them: in the build that readers see. It is an
// iterator like those of [cairn.LogReader].
//
//	for e, err := range projection.Explain(ctx, store, target, "balances", "balance/ann") { … }
//
// A row of which nothing is known is ErrUnknown: the row was never touched, or
// Lineage was not on. So is an event that the log holds no more.
func Explain(ctx context.Context, log Log, ledger Ledger, name, row string) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		positions, err := lineage(ctx, log, ledger, name, row)
		if err != nil {
			yield(cairn.Recorded{}, err)
			return
		}
		for _, p := range positions {
			e, err := at(ctx, log, p)
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// lineage lists the positions of the events of a row, in order.
func lineage(ctx context.Context, log Log, ledger Ledger, name, row string) ([]cairn.Position, error) {
	l, err := lookAt(log, ledger, name)
	if err != nil {
		return nil, err
	}
	d, err := l.here(ctx)
	if err != nil {
		return nil, err
	}
	prefix := l.place.row(d.Active, row)
	found, err := ledger.Entries(ctx, prefix)
	if err != nil {
		return nil, fmt.Errorf("projection %q: looking for the events of row %q: %w", name, row, err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%w: projection %q knows of no event that had an effect on row %q; is its Lineage on?", ErrUnknown, name, row)
	}
	positions := make([]cairn.Position, len(found))
	for i, e := range found {
		p, err := strconv.ParseUint(strings.TrimPrefix(e.Key, prefix), 10, 64)
		if err != nil || p == 0 {
			return nil, fmt.Errorf("projection: the entry %s ends in no position", e.Key)
		}
		positions[i] = cairn.Position(p)
	}
	return positions, nil
}

// at returns the event at a position.
func at(ctx context.Context, log cairn.LogReader, p cairn.Position) (cairn.Recorded, error) {
	for e, err := range log.ReadAll(ctx, cairn.AllOptions{After: p - 1, Limit: 1}) {
		if err != nil || e.Position == p {
			return e, err
		}
	}
	return cairn.Recorded{}, fmt.Errorf("%w: the log does not hold the event at position %d any more", ErrUnknown, p)
}
