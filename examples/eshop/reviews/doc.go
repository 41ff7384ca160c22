// Package reviews keeps what customers say of products: documents, each whole in
// itself, in MongoDB or as JSON in an SQL table. A review is written once and
// read with the others of its product; a document is all it needs.
package reviews
