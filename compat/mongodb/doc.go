// Package mongodb holds no code, only tests: they run the MongoDB target against a
// server. It is a module of its own so that the server they embed, FerretDB over
// SQLite, burdens nobody who uses Cairn.
package mongodb
