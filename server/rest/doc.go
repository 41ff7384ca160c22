// Package rest serves a store as JSON over HTTP, for whoever has curl and no
// client.
//
// Every verb of a store has a path below [Prefix]: append to a stream, read it,
// read the log, follow either as server-sent events, commit a batch, load and
// dump events in bulk as lines. Revisions are entity tags, so that
//
//	If-Match: "12"
//
// is the expectation that a stream stands at revision 12, and a conflict is a
// failed precondition. Whatever fails is answered with a problem document (RFC
// 9457) that carries the facts as members. Events are also taken and given as
// CloudEvents.
//
// The OpenAPI document beside this file describes all of it, and the tests hold
// the package to it: each request and answer in them is checked against it.
//
// Nothing is half understood: an unknown parameter, a misspelt field and a value
// of the wrong kind are errors that name it. Data stays the bytes that came;
// numbers never pass through a float.
//
// Every stream that a request touches is checked against who calls, and a
// follower is checked again for as long as it follows.
package rest
