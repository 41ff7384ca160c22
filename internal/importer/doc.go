// Package importer appends lines of events to a store, each exactly once.
//
// A line is known by its stream and event ID. The importer reads the IDs of a
// stream when it first meets it, keeps them aside on disk, and leaves out what
// is there already. So an import can be run again after anything: it goes on
// where it stopped. Memory does not grow with lines, streams or events.
//
// # The system's events
//
// A log also holds events that the store gives a meaning to. All of them can be
// imported, and mean the same afterwards:
//
//   - $metadata in a metadata stream is appended like any other event, and rules
//     from then on: a limit hides events, a deletion hides the stream.
//   - $streamDeleted closes its stream. The store writes that event itself,
//     with an ID and time of its own. It is known by the stream being closed.
//   - Writing to a soft-deleted stream makes it live again, and the store
//     records that with a $metadata event of its own. The imported history has
//     such an event too, so the metadata stream ends up with both; they say
//     the same.
package importer
