// Package cairntest starts a server over memory for a test, in milliseconds and
// in one line, where a test would otherwise start a container:
//
//	func TestOrders(t *testing.T) {
//		s := cairntest.Start(t)
//		settings, err := kurrentdb.ParseConnectionString(s.KurrentDB())
//		...
//
// Any client of KurrentDB works with it, and so do Cairn's own and curl. The
// server listens on a free port of the loopback interface and is gone with the
// test.
package cairntest
