// Package account is the domain of the bank: what can happen to an account and
// who decides that it may.
//
// It is plain Go. An [Event] is a fact about one account, and [State] is what
// the facts add up to. A decision is a function from the state to the facts that
// follow from it, or to an error that says why the bank refuses:
//
//	func(State) ([]Event, error)
//
// Nothing here knows how events are stored, which is why the rules of the bank
// are tested by calling them: given these events, when that is asked, then these
// events follow.
package account
