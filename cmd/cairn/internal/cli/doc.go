// Package cli is the commands of the cairn program, one file each. [Run] is the
// whole of it.
//
// Results go to standard output, as columns for people and as JSON with
// --json; everything else, progress and errors included, goes to standard
// error. What a store holds was written by others: nothing of it reaches a
// terminal unless it is harmless there.
package cli
