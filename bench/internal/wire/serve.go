package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"

	"github.com/nats-io/nats-server/v2/server"
	"google.golang.org/grpc"

	"github.com/cairndb/cairn/engine/disk"
	cairnserver "github.com/cairndb/cairn/server"
)

// servers are what a child process can be.
var servers = map[string]func(ctx context.Context, dir string, out io.Writer) error{
	"cairn":            serveCairn,
	"nothing":          serveNothing,
	"jetstream-always": func(ctx context.Context, dir string, out io.Writer) error { return serveJetStream(ctx, dir, true, out) },
	"jetstream": func(ctx context.Context, dir string, out io.Writer) error {
		return serveJetStream(ctx, dir, false, out)
	},
}

// gcPercent is what "cairn serve" sets too. All servers have it.
const gcPercent = 400

// Serve runs a server of a kind, which keeps what it stores in a directory,
// until in ends. It says on out where it listens.
func Serve(ctx context.Context, kind, dir string, in io.Reader, out io.Writer) error {
	serve, ok := servers[kind]
	if !ok {
		return fmt.Errorf("wire: there is no server %q", kind)
	}
	debug.SetGCPercent(gcPercent)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, in) // whatever ends it
		cancel()
	}()
	return serve(ctx, dir, out)
}

func listen(out io.Writer) (net.Listener, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		_, err = fmt.Fprintln(out, announcement+l.Addr().String())
	}
	return l, err
}

func serveCairn(ctx context.Context, dir string, out io.Writer) error {
	store, err := disk.Open(dir, nil)
	if err != nil {
		return err
	}
	s, err := cairnserver.New(store, &cairnserver.Options{Insecure: true})
	if err != nil {
		return errors.Join(err, store.Close())
	}
	l, err := listen(out)
	if err != nil {
		return errors.Join(err, store.Close())
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	<-ctx.Done()
	err = s.Shutdown(context.Background())
	return errors.Join(err, <-served, store.Close())
}

func serveNothing(ctx context.Context, _ string, out io.Writer) error {
	l, err := listen(out)
	if err != nil {
		return err
	}
	s := grpc.NewServer()
	registerNothing(s)
	defer context.AfterFunc(ctx, s.Stop)()
	return s.Serve(l)
}

func serveJetStream(ctx context.Context, dir string, syncAlways bool, out io.Writer) error {
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT,
		JetStream: true, StoreDir: dir, SyncAlways: syncAlways,
		JetStreamMaxStore: 1 << 40, JetStreamMaxMemory: 1 << 30,
		NoSigs: true, NoLog: true,
	})
	if err != nil {
		return err
	}
	s.Start()
	if !s.ReadyForConnections(natsWait) {
		s.Shutdown()
		return errors.New("wire: the NATS server did not start")
	}
	_, err = fmt.Fprintln(out, announcement+s.ClientURL())
	<-ctx.Done()
	s.Shutdown()
	s.WaitForShutdown()
	return err
}
