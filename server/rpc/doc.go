// Package rpc serves Cairn's own protocol, which says all that a store can:
// batches over several streams with conditions, queries, tags, keys, followers,
// and every fact about a refusal. Package client speaks it.
//
// Appends of many callers come in few messages over one stream, and are handed to
// the store together: whatever has piled up while it committed the last of them.
// Outcomes and events travel packed as well.
package rpc
