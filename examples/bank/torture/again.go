package torture

import "context"

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
		made, err := t.repeat(ctx, todo, p, answered)
		if err != nil {
			return n, err
		}
		if made {
			n++
		}
	}
	return n, nil
}

// repeat asks for a transfer that may have been made before, and must have been
// if it was answered. It reports whether it is made now.
func (t *turn) repeat(ctx context.Context, todo task, p plan, answered ack) (bool, error) {
	r, err := t.bank.Transfer(ctx, p.transfer(todo))
	switch {
	case refused(err) && todo == answered.task:
		return false, broken("idempotent", "transfer %v was answered with %+v, and made again it is refused: %v", todo, answered.place, err)
	case refused(err):
		return false, nil
	case err != nil:
		return false, err
	case todo != answered.task:
		return true, t.acks.write(ack{task: todo, place: placeOf(r)})
	case !r.Duplicate || placeOf(r) != answered.place:
		return false, broken("idempotent", "transfer %v was answered with %+v, and made again with %+v (duplicate: %v)",
			todo, answered.place, placeOf(r), r.Duplicate)
	}
	return true, nil
}
