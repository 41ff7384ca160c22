package torture

import (
	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/account"
)

// pair holds the halves of a transfer or change together: they were written in
// one batch, so the second must come right after the first.
func (l *ledger) pair(r cairn.Recorded, e account.Event) error {
	if l.open != nil {
		return l.complete(r, e)
	}
	switch e.(type) {
	case account.TransferSent:
		l.open, l.half = &r, e
	case account.Deposited:
		if !l.Openings {
			l.open, l.half = &r, e
		}
	case account.Opened:
		if !l.Openings {
			return broken("whole", "position %d opens an account that nobody asked for", r.Position)
		}
	default:
		return broken("atomic", "position %d: %#v without what belongs before it", r.Position, e)
	}
	return nil
}

// complete takes the second half.
func (l *ledger) complete(r cairn.Recorded, e account.Event) error {
	first, half := l.open, l.half
	l.open, l.half = nil, nil
	switch half := half.(type) {
	case account.Deposited:
		if e, ok := e.(account.Withdrawn); ok && e.Amount == half.Amount && r.Stream == first.Stream {
			l.Counts.Changes++
			l.Changed[r.Position] = r.Revision
			return nil
		}
	case account.TransferSent:
		e, ok := e.(account.TransferReceived)
		if ok && e.Transfer == half.Transfer && e.Amount == half.Amount &&
			half.To.Stream() == r.Stream && e.From.Stream() == first.Stream {
			l.Counts.Transfers++
			return l.store(e.Transfer, place{r.Position, first.Revision, r.Revision})
		}
	}
	return broken("atomic", "position %d: %#v is followed by %#v in %q", first.Position, half, e, r.Stream)
}
