//go:build !unix

package disk

import "github.com/cockroachdb/pebble/v2/vfs"

// Files are read by calls.
func mapFile(vfs.File) []byte                 { return nil }
func unmapFile([]byte) error                  { return nil }
func copyMapped(b []byte) (c []byte, ok bool) { return nil, false }
func copyEvent([]byte, *arena) ([]byte, bool) { return nil, false }
