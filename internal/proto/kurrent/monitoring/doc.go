// Package monitoring holds the messages of the KurrentDB protocol for the figures
// of a server, which the Go module of KurrentDB's client lacks. They are generated
// from monitoring.proto:
//
//	protoc --go_out=. --go_opt=module=github.com/cairndb/cairn --go-grpc_out=. --go-grpc_opt=module=github.com/cairndb/cairn internal/proto/kurrent/monitoring/monitoring.proto
package monitoring
