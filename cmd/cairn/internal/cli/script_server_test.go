package cli

import (
	"context"
	"net"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server"
)

// serve NAME starts a server over memory and sets the variable NAME to its URL
// for Cairn's own client, and NAME_KURRENTDB to that for KurrentDB's.
func serveMemory(ts *testscript.TestScript, _ bool, args []string) {
	store, err := disk.OpenMemory(nil)
	ts.Check(err)
	s, err := server.New(store, nil)
	ts.Check(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	ts.Defer(func() {
		ts.Check(s.Shutdown(context.Background()))
		ts.Check(<-served)
		ts.Check(store.Close())
	})
	ts.Setenv(args[0], "cairn://"+l.Addr().String()+"?tls=false")
	ts.Setenv(args[0]+"_KURRENTDB", "kurrentdb://"+l.Addr().String()+"?tls=false")
}
