// Package kurrentdb copies histories from and to a KurrentDB, through its
// official client, and compares the two sides.
//
// # What is copied
//
// The log in its order: events with their IDs, types, data and metadata byte for
// byte, links as the events that they are, the metadata of streams and their
// deletions. Streams of the system are left out unless asked for.
//
// What one side cannot hold is not copied, and is reported where it can be seen:
//
//   - KurrentDB sets the time of an event itself and has no tags, so a copy to it
//     has neither.
//   - A stream whose first events were scavenged begins at revision 0 in Cairn.
//     What its metadata truncates is moved by as much.
//   - KurrentDB tells JSON from anything else; other formats become "binary".
//
// # Again after anything
//
// A copy can be interrupted and run again. Into Cairn events are known by stream
// and ID, as every import has it. Into KurrentDB the log is copied strictly in
// order, so what is there is the beginning of it, and the copy goes on behind
// that. The source is read from its start in each case: the comparison at the
// end needs it anyway.
package kurrentdb
