package torture

import (
	"context"

	"github.com/cairndb/cairn/examples/bank/bank"
)

// lookAhead is how many tasks behind the last answered one are done again: the
// one under way when the turn was killed is among them.
const lookAhead = 2

// again does the last tasks of every worker of an earlier turn again, and says
// how many transfers it turned out to be. What was answered must be answered the
// same; what was not may have been stored or not, and is in the end stored once.
func (t *turn) again(ctx context.Context, turn uint32) (n uint64, err error) {
	last := make(map[uint16]ack)
	for a, err := range readAcks(t.Acks, turn) {
		if err != nil {
			return n, err
		}
		if a.Turn == turn {
			last[a.Worker] = a
		}
	}
	for _, a := range last {
		made, err := t.finish(ctx, a)
		if n += made; err != nil {
			return n, err
		}
	}
	return n, nil
}

// finish does again what a worker was last answered, and what came next.
func (t *turn) finish(ctx context.Context, answered ack) (n uint64, err error) {
	todo := answered.task
	for end := todo.N + lookAhead; todo.N <= end; todo.N++ {
		p := t.plan(todo, t.accounts)
		if p.change || todo == answered.task && answered.Refused != "" {
			continue
		}
		r, err := t.bank.Transfer(ctx, p.transfer(todo))
		if refused(err) && todo != answered.task {
			continue
		}
		if err != nil {
			return n, err
		}
		if err := t.confirm(todo, answered, r); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// confirm judges the answer to a transfer that was asked for again.
func (t *turn) confirm(todo task, answered ack, r bank.Receipt) error {
	if todo != answered.task {
		return t.acks.write(ack{task: todo, place: placeOf(r)})
	}
	if !r.Duplicate || placeOf(r) != answered.place {
		return broken("idempotent", "transfer %v was answered with %+v, and made again with %+v (duplicate: %v)",
			todo, answered.place, placeOf(r), r.Duplicate)
	}
	return nil
}
