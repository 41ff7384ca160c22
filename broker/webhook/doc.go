// Package webhook carries messages over HTTP, as the HTTP binding of CloudEvents
// says, signed as Standard Webhooks says.
//
// A [Publisher] is one destination: it posts each message to one URL. Everything
// that a destination can do to its sender is kept to that publisher: it has its
// own connections, timeouts and circuit, which opens after some failures in a
// row and lets one request try now and then. To tell many destinations run a
// relay, with a group of its own, for each: then one that hangs holds up its own
// relay only, its progress is its own, and what it refuses is parked there.
//
// A [Subscriber] is an [http.Handler] that checks signatures and answers when
// the message is handled: 204 when it is, 400 and 422 when it is no message or
// was rejected, and 500 when it should come again.
//
// # Answers
//
// What a destination answers says what becomes of a message:
//
//	2xx              it is published
//	429, 503         the destination is unavailable, until Retry-After if it says so
//	408, 425, 502,   the destination is unavailable
//	504, no answer
//	3xx              the same: redirects are never followed, the URL is to be changed
//	410              rejected, and so is everything from then on
//	other 4xx        rejected
//	other 5xx        this message has failed; many in a row open the circuit
//
// # Signatures
//
// The signature covers the body. Messages are therefore sent in structured mode,
// with the whole event in the body, and not in binary mode, where attributes are
// headers that somebody on the way could change unseen.
package webhook
