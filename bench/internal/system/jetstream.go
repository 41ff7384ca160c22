package system

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/cairndb/cairn"
)

// A JetStream is NATS with JetStream. Unless it was dialled it is a server in
// this process, reached through in-process connections: no sockets, so it is at
// its best. A stream of events is a
// subject; the expected revision becomes the expected last sequence of that
// subject, which the server checks. Several events are an atomic batch.
// Metadata, type and ID travel in headers.
type JetStream struct {
	server *server.Server // nil if it runs elsewhere
	conns  []*nats.Conn
	js     []jetstream.JetStream
	stream jetstream.Stream

	mu    sync.Mutex
	heads map[string]sequence
	next  int
}

// A sequence is the number that JetStream gave to an event of a subject.
type sequence struct {
	revision cairn.Revision
	number   uint64
}

const (
	natsConns  = 4
	natsStream = "EVENTS"
	natsWait   = 30 * time.Second
)

func openJetStreamAlways(ctx context.Context, o Options) (System, error) {
	return openJetStream(ctx, o, true)
}

// openJetStreamDefault acknowledges before syncing, which it does every two minutes.
func openJetStreamDefault(ctx context.Context, o Options) (System, error) {
	return openJetStream(ctx, o, false)
}

func openJetStream(ctx context.Context, o Options, syncAlways bool) (System, error) {
	s, err := StartNATS(o.Dir, syncAlways)
	if err != nil {
		return nil, err
	}
	return connectJetStream(ctx, &JetStream{server: s}, "", nats.InProcessServer(s))
}

// DialJetStream reaches a server that runs elsewhere.
func DialJetStream(ctx context.Context, url string) (*JetStream, error) {
	return connectJetStream(ctx, new(JetStream), url)
}

func connectJetStream(ctx context.Context, j *JetStream, url string, o ...nats.Option) (*JetStream, error) {
	j.heads = map[string]sequence{}
	if err := j.connect(ctx, url, o...); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

// StartNATS starts a server with JetStream in this process, without sockets.
func StartNATS(dir string, syncAlways bool) (*server.Server, error) {
	s, err := server.NewServer(&server.Options{
		DontListen:         true,
		JetStream:          true,
		StoreDir:           dir,
		SyncAlways:         syncAlways,
		JetStreamMaxStore:  1 << 40,
		JetStreamMaxMemory: 1 << 30,
		NoSigs:             true,
		NoLog:              true,
	})
	if err != nil {
		return nil, err
	}
	s.Start()
	if !s.ReadyForConnections(natsWait) {
		s.Shutdown()
		return nil, errors.New("system: the NATS server did not start")
	}
	return s, nil
}

func (j *JetStream) connect(ctx context.Context, url string, o ...nats.Option) error {
	for range natsConns {
		conn, err := nats.Connect(url, o...)
		if err != nil {
			return err
		}
		j.conns = append(j.conns, conn)
		js, err := jetstream.New(conn, jetstream.WithPublishAsyncMaxPending(4096), jetstream.WithDefaultTimeout(natsWait))
		if err != nil {
			return err
		}
		j.js = append(j.js, js)
	}
	stream, err := j.js[0].CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:               natsStream,
		Subjects:           []string{"ev.>"},
		Storage:            jetstream.FileStorage,
		AllowDirect:        true,
		AllowAtomicPublish: true,
	})
	j.stream = stream
	return err
}

// Close ends the connections, and the server if it is in this process.
func (j *JetStream) Close() error {
	for _, conn := range j.conns {
		conn.Close()
	}
	if j.server != nil {
		j.server.Shutdown()
		j.server.WaitForShutdown()
	}
	return nil
}
