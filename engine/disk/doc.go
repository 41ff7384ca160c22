// Package disk is the embedded event store: a log in a directory, written by
// one process at a time.
//
// The log is a sequence of segment files that hold the batches in order; a
// Pebble index, fed from the log and rebuilt from it when lost, finds streams,
// categories, types, tags and keys in it. docs/format.md draws the files.
//
//	store, err := disk.Open("data", nil)
//	if err != nil {
//		return err
//	}
//	defer store.Close()
//
// [OpenMemory] runs the same engine over files in memory, for tests.
package disk
