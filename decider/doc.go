// Package decider turns decisions into events.
//
// A decision is a pure function from a state to the events that follow from it,
// or to an error that says why none do:
//
//	func(State) ([]Event, error)
//
// A state is not stored; it is folded from the events of a stream by an evolve
// function, func(State, Event) State. A [Decider] puts the two to work: it loads
// a stream, decides, and appends the events on condition that the stream still
// stands where it was read. If somebody else was first it begins again, so a
// decision may run several times and must not have effects.
//
//	accounts := decider.New(store, account.Events, account.State.Evolve, nil)
//	res, err := accounts.Do(ctx, "account-7", account.Deposit(100))
//
// The domain needs nothing of this package. Its functions are tested by calling
// them, or with the sentences of package decidertest.
//
// # More than one stream
//
// [Decider.Together] decides over several streams and writes to all of them in
// one batch, or to none. [Decider.Boundary] decides over the events that match a
// query, wherever they are: a dynamic consistency boundary (https://dcb.events).
// [Decider.Requiring] adds conditions to any of them, such as that nobody has
// taken a name, and [Decider.Once] an idempotency key.
//
// # Conflicts and unknown outcomes
//
// A conflict leads to a new round, with new events. An outcome that is unknown,
// because the answer was lost, leads to the same append once more with the same
// event IDs, which stores nothing twice. Rounds are a random time apart, so that
// those who collided do not collide again.
//
// # Snapshots
//
// Folding a long stream anew for every decision can be avoided with [Snapshots].
// They are a cache: whether one is missing, damaged, outdated, or of another
// stream, the result is that of folding what the stream shows.
package decider
