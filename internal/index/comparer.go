package index

import (
	"bytes"

	"github.com/cockroachdb/pebble/v2"
)

// comparer orders keys byte by byte, as Pebble's own does. What it adds is
// where a key splits: before the block number, so that a filter over prefixes
// is one over terms. Its name is part of the format.
//
// Pebble also makes keys up, to separate blocks of a table. They must compare
// by prefix and suffix as they do byte by byte, so they are made from whole
// prefixes only: a prefix that is cut short splits nowhere.
var comparer = func() *pebble.Comparer {
	c := *pebble.DefaultComparer
	c.Name = "cairn.index.1"
	c.Split = split
	c.Separator = separator
	c.Successor = successorKey
	c.ImmediateSuccessor = immediateSuccessor
	return &c
}()

func split(key []byte) int {
	if n, ok := splitBlock(key); ok {
		return n
	}
	return len(key)
}

// separator appends a short key k with a <= k < b.
func separator(dst, a, b []byte) []byte {
	pa, pb := a[:split(a)], b[:split(b)]
	if bytes.Equal(pa, pb) {
		return append(dst, a...)
	}
	n := len(dst)
	dst = pebble.DefaultComparer.Separator(dst, pa, pb)
	if bytes.Equal(dst[n:], pa) { // not shortened: a may come after its prefix
		return append(dst[:n], a...)
	}
	return dst
}

// successorKey appends a short key k with a <= k.
func successorKey(dst, a []byte) []byte {
	pa, n := a[:split(a)], len(dst)
	dst = pebble.DefaultComparer.Successor(dst, pa)
	if bytes.Equal(dst[n:], pa) {
		return append(dst[:n], a...)
	}
	return dst
}

// immediateSuccessor appends the least prefix above the prefix a. The keys of
// a term's blocks begin with its prefix, so the successor of that must not.
func immediateSuccessor(dst, a []byte) []byte {
	dst = append(dst, a...)
	if n := len(a); n >= 3 && Kind(a[0]).known() && a[n-2] == 0 && a[n-1] == terminal {
		dst[len(dst)-1] = successor
		return dst
	}
	return append(dst, 0)
}
