// Package timer stores events that are still to come.
//
//	remind, err := timer.Set("reminder-7", time.Now().Add(24*time.Hour), timer.Fire{
//		Stream: "order-7",
//		Event:  cairn.Event{Type: "order.payment-overdue"},
//	})
//	...
//	_, err = store.Commit(ctx, cairn.Batch{Writes: []cairn.Write{placed, remind}})
//
// Setting and cancelling a timer are writes of a batch like any other: they are
// stored with whatever was decided, or not at all. Somewhere, in one process or
// in several, [Run] is running, and appends the event when its time has come:
// never early, once, whatever is killed or started again.
//
// # A timer is a stream
//
// The timer of a key is the stream timer-KEY, an ordinary one, so whoever may
// write streams may set timers. Its last event says how it stands:
//
//	timer.set        it is to fire: when, and with which event
//	timer.cancelled  it is not
//	timer.failed     it was to fire, and the store refused the event: see [Failed]
//
// Firing is one batch: the event is appended to its stream, and the timer's stream
// is deleted at the very revision at which the timer was set. Whoever wanted to
// fire, cancel or set it at the same time has either come before, and then nothing
// fires, or after, and then it has fired. So it fires once, with any number of
// runners, and nobody needs a lock. What has fired or was cancelled is a deleted
// stream, whose space comes back when the store is compacted; a cancelled timer's
// stream is deleted when it would have fired.
//
// # A million of them
//
// Every timer.set carries a tag that names the minute in which it is due. A runner
// follows what is set, and keeps in memory only what is due within
// [Options.Horizon], and of that the first [Options.Window] timers: about 60 bytes
// and the key for each. The others it forgets, and finds again by their minutes,
// through the index of the store, when their time comes near. So memory is bounded
// by the window, however many timers there are. If far more than a window of
// them are due in one minute, that minute is read again for each half window.
//
//	the log ──▶ follower ──▶ due soon ──▶ firer ──▶ one commit of many batches
//	               │            ▲                       each: the event, and
//	               ▼            │                       the end of the timer
//	           later: let go    │
//	               ┊         loader
//	               └┄┄ found by its minute
//
// How far a runner has come is one event in the stream timerprogress-CATEGORY:
// a position and a time such that every timer set up to the position and due before
// the time is done with. A runner that starts looks at what was set since, and at
// the minutes since; what is overdue it fires at once, in the order in which it was
// due.
//
// # Time
//
// A timer fires when the clock of a runner has reached its time, never before. With
// several runners it is the clock that is ahead that counts, so their machines
// should keep their clocks together, as with NTP. A clock that is set back makes
// timers late, and one that is set forward makes them fire; both are noticed within
// a second. A timer that is due in the past when it is set fires at once.
//
// Several runners need not know of each other. One that finds that another is
// quicker hangs back by a fraction of a second from then on, and looks whether a
// timer still stands before it tries to fire it; when nobody is quicker any more it
// stops hanging back.
//
// Tests have a clock to turn by hand in package timertest.
package timer
