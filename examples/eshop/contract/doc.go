// Package contract is what the services of the shop tell each other: the types of
// their integration events, and who hears what. It is all that they have in
// common. A service knows the events of others by this package and nothing else
// of them: not their streams, not their tables, not where they run.
//
// Nothing here is a domain event. Those belong to their service, change as it
// likes, and never leave it; its mapping makes these of them.
//
// What is asked for is an event here, too: "the process has requested a payment"
// is a fact, and who takes payments reacts to it. The process does not know who
// that is.
package contract
