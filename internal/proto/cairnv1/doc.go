// Package cairnv1 holds the messages of Cairn's own protocol and the stubs of its
// service, generated from store.proto, which documents them.
package cairnv1

//go:generate protoc --go_out=. --go_opt=paths=source_relative --go-grpc_out=. --go-grpc_opt=paths=source_relative store.proto
