// Package saga runs processes that span streams and services: an order that is
// paid, packed and shipped by others, each in its own time, or not.
//
// A saga is a fold plus a decision, as in package decider. Events go in; commands,
// events and timers come out:
//
//	var Fulfilment = saga.Definition[State, Event, Command]{
//		Name:      "fulfilment",
//		Events:    events,   // codecs
//		Commands:  commands,
//		Correlate: func(e Event, _ *cairn.Recorded) string { return e.Order() },
//		Starts:    func(e Event) bool { _, ok := e.(Placed); return ok },
//		Evolve:    State.Evolve,
//		Decide:    decide,
//	}
//
//	func decide(now saga.Situation[State], e Event) (d saga.Decision[Event, Command], err error) {
//		switch e := e.(type) {
//		case Placed:
//			d.Send = to("payments-"+now.ID, RequestPayment{e.Total})
//			d.Undo = to("payments-"+now.ID, Refund{e.Total})
//			d.After = []saga.Timer[Event]{{Name: "payment", After: time.Hour, Event: PaymentOverdue{}}}
//		case Paid:
//			d.Cancel = []string{"payment"}
//			...
//		case PaymentOverdue:
//			d.Compensate, d.End = "not paid in time", true
//		}
//		return d, nil
//	}
//
// [Run] runs the instances of a saga, in any number of processes; somebody has to
// run [timer.Run] too.
//
// # A step
//
// An event belongs to the instance that Correlate names. The instance's state, with
// the event folded in, is given to Decide, and what that returns is stored in one
// batch: the messages in their streams, the timers, the step in the instance's
// history, and the progress of the saga's group. So a step happens once and whole,
// whatever is killed. Events of one instance are handled one after the other, in the
// order of the log; instances side by side.
//
// The history is the stream saga-NAME-ID. Each of its events is a step: what came,
// byte for byte, and what was emitted because of it. The state is the fold of what
// came, so nothing else is stored. It is read for each step: histories are short.
//
// # What a command is
//
// A command is an event whose type is a request, appended to a stream that its
// receiver reads, such as payments-7. There is no bus: the receiver runs a group
// over the category, acts, and records what came of it, which is what the saga hears
// next. A fact for other services is a message like any other: send it to a stream
// that a relay publishes. The saga does not hear what it has sent itself, unless
// Events knows the type. Every message carries the IDs of its conversation and its
// cause in its metadata.
//
// # Time
//
// A timer is an event that comes back to Decide. It belongs to the instance: the end
// of the instance cancels it, and setting one of the same name replaces it. A timer
// that is cancelled or replaced does not come to Decide any more, also if it had
// fired and its event was waiting: whichever event the instance handles first
// decides.
//
// # Going back
//
// A step may register in Undo what would undo it. Compensate sends what was
// registered, the last first, and the instance goes on, compensating, until a
// decision says End. What a step registers while compensating is sent at once: it was
// too late. Timers set before are cancelled when compensation begins.
//
// # What can go wrong
//
// An event for no instance that does not start one, or for one that has ended, or
// that was handled before, is ignored, and counted by Options.OnIgnored. An event
// that starts an instance that is there is handled by that instance like any other.
// When Decide fails it is tried again, and then the instance is parked by the saga's
// group, named saga-NAME, and only that instance: see [group.Parked]. [Stuck] finds
// what is parked and what has been waiting for too long; [Get] shows an instance with
// its history.
package saga
