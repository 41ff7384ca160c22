// Package kurrent serves a store to the clients of KurrentDB.
//
// It speaks that server's gRPC protocol, so that the official clients work
// unmodified. What they can see follows KurrentDB: the meaning of expected
// revisions, the shape of errors and their trailers, when a subscription is told
// what. The position of an event is both its commit and its prepare position.
//
// The streams that KurrentDB's system projections write, "$ce-" and a category,
// "$et-" and an event type, and "$streams", are answered from the store's index:
// they exist as soon as an event that belongs to them does and take no space.
package kurrent
