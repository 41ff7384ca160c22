// Package basket keeps what customers may buy: rows that are overwritten, or hashes
// in Redis that are forgotten after a while. What a customer put in and took out again means nothing to anybody, so nothing is kept
// of it, and nobody is told. When the customer checks out, the storefront makes
// an order of the basket; only then something has happened.
package basket
