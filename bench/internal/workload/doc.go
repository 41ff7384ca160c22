// Package workload measures the systems of package system: the same work for
// each, one system at a time, in rounds that take every system in turn, so that
// a slow minute of the machine falls on all of them.
//
// Every append is acknowledged work that is counted again after the store has
// been closed and opened: a number is reported only if nothing is missing.
package workload
