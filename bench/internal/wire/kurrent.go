package wire

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"sync/atomic"

	"github.com/kurrent-io/KurrentDB-Client-Go/kurrentdb"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/bench/internal/system"
)

// conns is how many connections the callers of a server share, each of which
// stands for a program.
const conns = 4

// A kurrent reaches a server through KurrentDB's protocol. It appends by one
// call an event, which is what most clients do, with the generated code of the
// official Go client; it reads and follows with that client itself.
type kurrent struct {
	*child
	conns []*grpc.ClientConn
	calls []streams.StreamsClient
	db    []*kurrentdb.Client
	next  atomic.Uint32
}

func openKurrent(command []string, kind string) opener {
	return func(_ context.Context, o system.Options) (system.System, error) {
		return dialKurrent(command, kind, o.Dir)
	}
}

func dialKurrent(command []string, kind, dir string) (*kurrent, error) {
	server, err := start(command, kind, dir)
	if err != nil {
		return nil, err
	}
	k := &kurrent{child: server}
	if err := k.dial(); err != nil {
		return nil, errors.Join(err, k.Close())
	}
	return k, nil
}

func (k *kurrent) dial() error {
	config, err := kurrentdb.ParseConnectionString("kurrentdb://" + k.address + "?tls=false")
	if err != nil {
		return err
	}
	config.Logger = kurrentdb.NoopLogging()
	for range conns {
		conn, err := grpc.NewClient(k.address, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return err
		}
		k.conns, k.calls = append(k.conns, conn), append(k.calls, streams.NewStreamsClient(conn))
		db, err := kurrentdb.NewClient(config)
		if err != nil {
			return err
		}
		k.db = append(k.db, db)
	}
	return nil
}

// turn spreads work over the connections.
func (k *kurrent) turn() int { return int(k.next.Add(1) % conns) }

func (k *kurrent) Append(ctx context.Context, stream string, expected cairn.Revision, events []cairn.Event) error {
	call, err := k.calls[k.turn()].Append(ctx)
	if err != nil {
		return err
	}
	if err := call.Send(&streams.AppendReq{Content: &streams.AppendReq_Options_{Options: appendOptions(stream, expected)}}); err != nil {
		return err
	}
	for i := range events {
		e := &events[i]
		m := &streams.AppendReq_ProposedMessage{Id: uuid(e.ID), Metadata: meta(e), CustomMetadata: e.Metadata, Data: e.Data}
		if err := call.Send(&streams.AppendReq{Content: &streams.AppendReq_ProposedMessage_{ProposedMessage: m}}); err != nil {
			return err
		}
	}
	answer, err := call.CloseAndRecv()
	if err == nil && answer.GetWrongExpectedVersion() != nil {
		err = &cairn.ConflictError{Stream: stream, Expected: expected, Actual: cairn.Any}
	}
	return err
}

func appendOptions(stream string, expected cairn.Revision) *streams.AppendReq_Options {
	o := &streams.AppendReq_Options{StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(stream)}}
	if expected == cairn.NoStream {
		o.ExpectedStreamRevision = &streams.AppendReq_Options_NoStream{NoStream: &shared.Empty{}}
	} else {
		o.ExpectedStreamRevision = &streams.AppendReq_Options_Revision{Revision: uint64(expected)}
	}
	return o
}

func uuid(id cairn.ID) *shared.UUID {
	return &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{
		MostSignificantBits:  int64(binary.BigEndian.Uint64(id[:8])),
		LeastSignificantBits: int64(binary.BigEndian.Uint64(id[8:])),
	}}}
}

func meta(e *cairn.Event) map[string]string {
	return map[string]string{"type": e.Type, "content-type": "application/octet-stream"}
}

func (k *kurrent) ReadAll(ctx context.Context) (system.Tally, error) {
	events, err := k.db[k.turn()].ReadAll(ctx, kurrentdb.ReadAllOptions{}, math.MaxUint64)
	if err != nil {
		return system.Tally{}, err
	}
	return drain(events)
}

func (k *kurrent) ReadStream(ctx context.Context, stream string) (system.Tally, error) {
	events, err := k.db[k.turn()].ReadStream(ctx, stream, kurrentdb.ReadStreamOptions{}, math.MaxUint64)
	if err != nil {
		return system.Tally{}, err
	}
	return drain(events)
}

// drain counts what is read, but for the server's own events.
func drain(events *kurrentdb.ReadStream) (t system.Tally, err error) {
	defer events.Close()
	for {
		e, err := events.Recv()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return t, err
		}
		if !strings.HasPrefix(e.Event.StreamID, "$") {
			t.Events++
			t.Bytes += int64(len(e.Event.Data) + len(e.Event.UserMetadata))
		}
	}
}

func (k *kurrent) Follow(ctx context.Context, ready, visit func()) error {
	live, err := k.db[k.turn()].SubscribeToAll(ctx, kurrentdb.SubscribeToAllOptions{From: kurrentdb.End{}})
	if err != nil {
		return err
	}
	defer live.Close()
	stop := context.AfterFunc(ctx, func() { _ = live.Close() })
	defer stop()
	for {
		switch e := live.Recv(); {
		case e.EventAppeared != nil:
			visit()
		case e.CaughtUp != nil && ready != nil:
			ready()
			ready = nil
		case e.SubscriptionDropped != nil && ctx.Err() != nil:
			return nil
		case e.SubscriptionDropped != nil:
			return fmt.Errorf("wire: the subscription was dropped: %w", e.SubscriptionDropped.Error)
		}
	}
}

func (k *kurrent) Close() error {
	for _, conn := range k.conns {
		_ = conn.Close() // it can only have been closed before
	}
	for _, db := range k.db {
		_ = db.Close() // likewise
	}
	return k.stop()
}
