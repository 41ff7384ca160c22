package projection

import (
	"context"

	"github.com/cairndb/cairn"
)

// Inline returns what applies events in the transaction that appends them. It is for
// a store that keeps its events in the database of the read model: it calls the
// function in each of its transactions, with the events in the order of the log and
// with the positions that they will have, before it commits. Rows are then never
// behind, there is no checkpoint, and nothing has to be caught up.
//
// The function leaves out what the projection's Query and the types of its Handler
// do not select. An error, or a panic, which it turns into one, must end the
// transaction and so the append: Failures, Lanes and Lineage do not apply. Who adds
// such a projection to a store that holds events builds it with [Run] or [Deploy]
// first, and passes the Names of that build while nothing is appended.
//
// A projection that [Run] would refuse is refused here, with an
// [*cairn.InvalidError].
func (p Projection[Tx]) Inline(n Names) (func(ctx context.Context, tx Tx, events []cairn.Recorded) error, error) {
	p = p.completed()
	q, err := p.selected()
	if err == nil {
		err = p.check()
	}
	if err != nil {
		return nil, err
	}
	system := !selection(q).NoSystem
	return func(ctx context.Context, tx Tx, events []cairn.Recorded) error {
		var mine []*Event
		for i := range events {
			if e := &events[i]; q.Match(e) && (system || !isSystem(e)) {
				mine = append(mine, &Event{Recorded: *e, Names: n})
			}
		}
		if len(mine) == 0 {
			return nil
		}
		return guarded(ctx, tx, mine, p.Handler.Apply)
	}, nil
}

// isSystem reports whether an event is one of the system's.
func isSystem(e *cairn.Recorded) bool {
	return e.Stream != "" && e.Stream[0] == '$' || e.Type != "" && e.Type[0] == '$'
}
