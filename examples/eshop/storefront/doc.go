// Package storefront is the shop as customers see it: pages, made on the server of
// what the services answer. It keeps nothing but a cookie.
//
// What it asks the others is request and response: it knows whom it asks, waits
// for the answer, and has a page to show when there is none. What happens because
// of an order it neither asks for nor waits for: it places the order, and sees on
// the order's page what has become of it, by events that others told each other.
//
// A customer who has just ordered reads a table that is a moment behind the
// truth. The answer to the order says at which position of the log it stands, in
// the header Cairn-Position; the storefront keeps that in a cookie and hands it
// on with each later question, and the order service answers when its tables have
// come so far.
package storefront
