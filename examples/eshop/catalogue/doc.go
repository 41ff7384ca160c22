// Package catalogue is what the shop sells: plain rows in SQLite or PostgreSQL,
// written and read as such. Nobody asks what a product was called last year, so
// there is no history to keep and nothing to fold: event sourcing would cost
// more here than it gives.
//
// It takes part in the events of the shop all the same. It is asked by event
// whether the products of an order exist at the prices that were promised, and
// answers by event; and it tells others when a price changes. A row and the event
// about it are written in one transaction, the event into a table of outgoing
// ones, the outbox, and published from there. Where state is folded from a log
// the log itself is the outbox.
package catalogue
