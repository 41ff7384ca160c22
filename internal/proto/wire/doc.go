// Package wire encodes and decodes the messages of Cairn's own protocol that
// carry batches, outcomes and events, directly from and to the vocabulary of the
// contract. The bytes are those that package cairnv1 describes; going through its
// structures would cost several allocations for each event.
//
// Decoders take anything: what is malformed is an error, and what they allocate
// is in proportion to the bytes they were given.
package wire
