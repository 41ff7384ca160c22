// Package index is the disk engine's index: it says where in the log the
// events of a stream, a category, a type or a tag lie. Under which tags an event
// lies is the engine's to say: those it carries and the one that its metadata
// implies.
//
// The log is the truth and the index is derived from it. It may be behind the
// log, it may be deleted, and a crash may take its newest part; what remains is
// always exactly what the log said up to the [Checkpoint], and the engine feeds
// the rest again from there.
//
// # What is stored
//
// The index is a Pebble database without a write-ahead log. A term (the stream
// "order-1", the type "order.paid") is not stored as one key per event but in
// blocks: 4096 positions of the log to a block, or 128 revisions if the term is
// a stream. A block's key is
//
//	kind | name, with 0x00 written as 0x00 0xff | 0x00 0x01 | ^number, 8 bytes
//
// so that a term's blocks lie side by side, the newest first, under a prefix no
// other term has. Bloom filters over these prefixes answer in memory that a
// term has no events at all, which is what appending to a new stream asks.
//
// A block's value is a sequence of runs (see run.go): the first place, then
// differences, two to four bytes an event. Applying a batch never reads: it
// writes one small run for each block it touches as a merge operand, and Pebble
// joins the runs of a block when it reads, flushes or compacts them.
//
// Beside the blocks there are:
//
//	'r' | stream        the stream's record, opaque
//	'k' | key           the place that an idempotency key led to
//	'm' | ^position     the address of that position: a mark
//	'n' | kind | name   how many events and streams a category or type has
//	'!' "checkpoint"    the checkpoint, written in every batch
//	'!' "identity"      the format's version and the store's ID
//
// # Failure
//
// Writing fails in the background, where Pebble has nobody to tell. The index
// therefore puts a file system of its own under it (files.go), which slows the
// retries down and never lets an error reach the one place where Pebble can
// only stop the process; and it bounds what waits in memory itself (writer.go),
// so that [Index.Apply] reports the failure where Pebble would wait for ever.
//
// A block that fails its checksum is a [*cairn.CorruptError] to whoever reads
// it, and condemns the index: the next to open it begins with an empty one.
package index
