// Package group lets consumers share the work of one subscription: the events
// of a log, in one process or in many, in order where order matters and side by
// side where it does not, with all that must be remembered kept in the store.
//
//	err := group.Run(ctx, store, "mailer", group.Options{Query: cairn.ByType("order.placed"), Attempts: 5},
//		func(ctx context.Context, e cairn.Recorded) error {
//			err := mail(ctx, e)
//			if errors.Is(err, errNoAddress) {
//				return group.Park(err) // never again
//			}
//			return err // nil settles the event; an error is tried again
//		})
//
// # Order
//
// Every event has a key: its stream, unless Options.Key says otherwise. Events
// of one key are handled one after the other in the order of the log; events of
// different keys side by side. An event that fails holds back its own key only.
// When its attempts are spent it is parked, and with it, in order, whatever
// follows under its key, until somebody who has found the cause replays, edits
// or drops what is parked: [Parked], [Replay], [Edit], [Drop].
//
// # Once, or at least once
//
// [Run] handles each event at least once: a crash between the handler's effect
// and the next checkpoint repeats the event. [RunTx] is for handlers whose effect
// is in the store itself. They return what to write, and that is committed
// together with the group's progress, so it is stored exactly once, whatever is
// killed. [Receive] yields deliveries that are acknowledged by hand.
//
// # The machine
//
// Keys are hashed into partitions, and each partition has one owner among the
// group's members, who are all those that run it.
//
//	log ──▶ follower ──▶ partitions ──▶ keys ──▶ workers ──▶ handler
//	        one each       0 ▪▪▪         a ▪▪        │
//	        member         1 ▪           b ▪         │ outcome
//	                       2 ▪▪          c ▪▪▪       ▼
//	                                            committer
//	                                                │ one commit for each partition,
//	                                                │ at the revision expected
//	┌───────────────────────────────────────────────▼──────────────┐
//	│ $group-NAME-progress-N   how far, what is unsettled, whose    │
//	│ $group-NAME-parked-N     what was parked, replayed, dropped   │
//	│ $group-NAME-members      who is there                         │
//	│ $group-NAME-definition   how many partitions, where it began  │
//	└──────────────────────────────────────────────────────────────┘
//
// The last event of a progress stream is the partition's state: a position up
// to which everything was looked at, and the positions up to there that are not
// settled yet. The lowest of them is the group's progress. This is as much as
// what is being worked on, which is bounded, however far a slow key lies behind.
//
// A member claims a partition by appending to its progress stream at the very
// revision it has read, and expects the revision of its own last event ever
// after. Whoever was paused and has lost the partition in the meantime therefore
// conflicts, and lets go: it can settle nothing and, with RunTx, write nothing.
//
// Members say that they are there by events too. One is taken for dead by
// another when that has seen its own beats for a whole lease and none of the
// other's, so no clocks are compared, and one that was paused itself does not
// take the others for dead. A living member's partitions are not taken from it:
// it gives away what is too many as soon as it has finished what it is at.
//
// The streams of a group are system streams, so on a server with users its
// members and those who operate it must be allowed to write those.
package group
