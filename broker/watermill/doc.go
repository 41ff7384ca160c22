// Package watermill is a bridge to and from whatever watermill speaks to.
//
// A [Publisher] hands messages to any publisher of watermill, and a [Subscriber]
// takes them from any subscriber: the ID of the event is the UUID, its attributes
// are metadata that begin with a prefix, its data is the payload.
//
// # What depends on the other side
//
// A message is published when the other side's Publish returns nil. Whether that
// means that it is safe depends on that side: an SQL publisher has it in a
// committed transaction, a Kafka publisher has the acknowledgements it was
// configured for, gochannel has it in memory, and with no subscriber nowhere. Its
// Publish takes no context either: a call that hangs there hangs here. The brokers
// that this project has packages of its own for are better spoken to by those.
//
// Errors of the other side say what it has in mind, which is not known here. Those
// of networks and deadlines are taken for a broker that is unavailable; anything
// else is worth another attempt, unless Options.Classify knows better.
//
// Order is what the other side makes of it, too. Most of its subscribers hand out
// one message at a time, and the next when that one is acknowledged.
package watermill
