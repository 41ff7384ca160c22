// Package fold merges the data of a stream's events into one JSON value, tells which
// event each part of it is from, and says how two such values differ.
//
// A server has no code of those who write the events, so the fold is one that needs
// none: JSON merge patch (RFC 7396). Objects are merged member by member, null
// removes a member, and everything else, arrays too, replaces what was there.
package fold
