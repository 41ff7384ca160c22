// Package payment takes money and gives it back: event-sourced, in streams of its
// own, because money that has moved is a fact that somebody will ask about. It is
// asked by events, what shall have been paid for an order all in all, and answers
// by events. It does not know what an order is.
//
// A switch makes it refuse payments, or be slow: a slow payment is a durable timer,
// so it is taken after a restart too, unless nobody wants it any more by then.
package payment
