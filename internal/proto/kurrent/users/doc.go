// Package users holds the messages of the KurrentDB protocol for the
// administration of users, which the Go module of KurrentDB's client lacks. They
// are generated from users.proto:
//
//	protoc --go_out=. --go_opt=module=github.com/cairndb/cairn --go-grpc_out=. --go-grpc_opt=module=github.com/cairndb/cairn internal/proto/kurrent/users/users.proto
package users
