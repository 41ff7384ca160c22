// Package notification tells customers by e-mail how their orders stand. It is
// asked by nobody: it hears what has happened to orders and payments, and knows
// what to write. Nothing else in the shop knows that it is there; without it
// nothing would be sent, and everything else would be the same.
//
// The e-mails go into a table instead of out of the house. A message may arrive
// several times, and a customer would notice, so the inbox handles it once: the
// mark and the e-mail are one transaction. A service that really sends would send
// from that table.
package notification
