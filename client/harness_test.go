package client_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/client"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/rpc"
)

// patience is how long a test waits for what must happen.
const patience = time.Minute

// A server is a store behind the protocol, on a port of its own.
type server struct {
	address string
	service *rpc.Service
	grpc    *grpc.Server
	serving sync.WaitGroup
}

// serve serves a store at an address, or at any if it is empty.
func serve(t testing.TB, store cairn.Store, address string) *server {
	t.Helper()
	if address == "" {
		address = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{
		address: listener.Addr().String(),
		service: rpc.New(store, access.Open(), rpc.Options{}),
		grpc:    grpc.NewServer(grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second, PermitWithoutStream: true})),
	}
	s.service.Register(s.grpc)
	s.serving.Go(func() {
		if err := s.grpc.Serve(listener); err != nil {
			t.Error(err)
		}
	})
	return s
}

// stop ends the server in good order.
func (s *server) stop() {
	s.service.Shutdown()
	s.grpc.GracefulStop()
	s.service.Wait()
	s.serving.Wait()
}

// kill ends the server as a crash would, as far as clients can tell.
func (s *server) kill() {
	s.grpc.Stop()
	s.service.Wait()
	s.serving.Wait()
}

// openDisk opens a store in memory.
func openDisk(t testing.TB, fs vfs.FS) *disk.Store {
	t.Helper()
	store, err := disk.Open("store", &disk.Options{FS: fs, SegmentSize: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// dial connects to an address.
func dial(t testing.TB, address string, o *client.Options) *client.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := client.Dial(ctx, "cairn://"+address+"?tls=false", o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A system is a client with all that is behind it: closing it closes everything.
type system struct {
	*client.Client
	fs   vfs.FS
	rest func() error
	once sync.Once
	err  error
}

func (s *system) Close() error {
	s.once.Do(func() {
		s.err = s.Client.Close()
		if err := s.rest(); s.err == nil {
			s.err = err
		}
	})
	return s.err
}

// openSystem opens a store on fs and connects to it over TCP.
func openSystem(t testing.TB, fs vfs.FS) *system {
	store := openDisk(t, fs)
	server := serve(t, store, "")
	return &system{Client: dial(t, server.address, nil), fs: fs, rest: func() error {
		server.stop()
		return store.Close()
	}}
}
