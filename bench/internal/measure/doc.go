// Package measure reads what a benchmark has cost: time, processor, bytes
// written, memory, room on the disk; and on what machine.
//
// The numbers come from Linux (getrusage, /proc, statfs). They count a whole
// process, so a measurement runs one system at a time.
package measure
