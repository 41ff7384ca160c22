// Package kurrentv2 holds the messages of the second streams protocol of
// KurrentDB, of which the stubs of its Go client know an older half.
package kurrentv2

//go:generate protoc --go_out=. --go_opt=paths=source_relative kurrentv2.proto
