// Package torture is the acceptance test of a store: it moves money between the
// accounts of a bank, kills the process that does so at random moments, and
// checks that no cent appears, disappears or is spent twice.
//
// # How it goes
//
// [Run] opens accounts with a known total and then gives processes the store in
// turn. Each one opens it, audits what the turns before have left, repeats what
// they may not have finished, and lets its workers loose until it is told to
// stop or, more often, killed with SIGKILL. What the store has answered to a
// worker is written to a file outside of the store before the worker goes on.
//
// # What is checked
//
// An audit reads the log event by event, keeps its own books, and finds
//
//   - positions and revisions that are not dense,
//   - half a transfer, and a total that has moved,
//   - an account below zero, which is a lost update,
//   - an acknowledged transfer that is missing or stands elsewhere,
//   - a transfer stored twice, although it was made again under its ID,
//
// each of which is a [*Violation]. While one process owns the store another one
// tries to open it and must be refused. The last audit reads everything from the
// first position.
//
// # Other engines
//
// An engine is given as a function that opens a store. With Config.Start the
// turns are processes of their own, which call [Serve]; without it they are
// goroutines of this one, and end without a kill.
package torture
