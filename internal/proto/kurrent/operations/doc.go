// Package operations holds the messages of the KurrentDB protocol for the
// operation of a server, which the Go module of KurrentDB's client lacks. They
// are generated from operations.proto; what it shares with the other services
// comes from that module:
//
//	P=$(go list -m -f '{{.Dir}}' github.com/kurrent-io/KurrentDB-Client-Go)/protos
//	protoc -I. -I$P --go_out=. --go_opt=module=github.com/cairndb/cairn --go-grpc_out=. --go-grpc_opt=module=github.com/cairndb/cairn internal/proto/kurrent/operations/operations.proto
package operations
