// Package reviews keeps what customers say of products: documents, each whole in
// itself, in MongoDB or as JSON in an SQL table. A review is written once and
// read with the others of its product; a document is all it needs.
//
// That one was written is told to whoever wants to know, as an integration event.
// A database of documents writes one of them at a time, so there is no outbox
// beside it: the document itself says whether it was told of. It is published,
// and then marked; after a crash in between it is published again, with the same
// ID.
package reviews
