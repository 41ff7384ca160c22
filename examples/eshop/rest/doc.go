// Package rest is how the services of the shop are asked and how they answer:
// JSON over HTTP, request and response. Whoever asks waits, knows whom it asks,
// and gets nothing when that service is away. That is right where an answer is
// needed now, such as a page of the catalogue; what has happened travels
// otherwise, as integration events, to whoever wants to know.
package rest
