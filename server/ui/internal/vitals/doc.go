// Package vitals records how a server does, second by second: what it writes and
// reads, how long writes take, who is connected, what of the machine it uses.
//
// A sample comes from two readings of the server's metrics, the ones that Prometheus
// scrapes, and of the head of the log. A quarter of an hour of them is kept in
// memory, some hundred kilobytes, whatever the server does; who wants to know more
// of the past has Prometheus.
package vitals
