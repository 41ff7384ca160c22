// Package wire measures servers: each runs in a process of its own on this
// machine and is reached over TCP, so that what it costs can be told from what
// its clients cost.
//
// The servers are Cairn's; one that speaks KurrentDB's protocol with the same
// transport and does nothing with what it is sent, which says what the
// transport alone costs; and NATS with JetStream. The peers of package system
// that are servers anyway, such as PostgreSQL, are measured beside them.
package wire
