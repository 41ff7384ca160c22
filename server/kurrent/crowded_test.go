package kurrent_test

import (
	"bytes"
	"runtime"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/status"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/kurrentv2"
	"github.com/cairndb/cairn/server/kurrent"
)

// allocated is how many bytes f allocates, with all that runs beside it.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestCrowdedMessages sends messages of very many empty parts. Anybody can, before
// it is known who they are, and they must not take a hundred times their size.
func TestCrowdedMessages(t *testing.T) {
	const size = 4 << 20
	of := func(parts ...byte) []byte { return bytes.Repeat(parts, size/len(parts)) }
	within := func(number byte, b []byte) []byte { // the field of a number
		n := len(b)
		return append([]byte{number<<3 | 2, byte(n) | 0x80, byte(n>>7) | 0x80, byte(n>>14) | 0x80, byte(n >> 21)}, b...)
	}
	for name, c := range map[string]struct {
		method string
		b      []byte
		want   codes.Code
	}{
		"records":               {"/kurrentdb.protocol.v2.streams.StreamsService/AppendRecords", of(1<<3|2, 0), codes.Internal},
		"checks":                {"/kurrentdb.protocol.v2.streams.StreamsService/AppendRecords", of(2<<3|2, 0), codes.Internal},
		"properties of records": {"/kurrentdb.protocol.v2.streams.StreamsService/AppendRecords", within(1, of(3<<3|2, 0)), codes.Internal},
		"groups of a user":      {"/event_store.client.users.Users/Create", within(1, of(4<<3|2, 0)), codes.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, kurrent.Options{})
			var err error
			n := allocated(func() {
				err = w.conn.Invoke(w.ctx, c.method, bytesMessage(c.b), nil, grpc.ForceCodecV2(raw{encoding.GetCodecV2("proto")}))
			})
			if status.Code(err) != c.want || !strings.Contains(err.Error(), "too many parts") {
				t.Errorf("got %v, want %v: too many parts", err, c.want)
			}
			if n > 10*size {
				t.Errorf("%d bytes were allocated for %d", n, size)
			}
		})
	}
}

// TestManyRecords appends as many records as there may be, in one message.
func TestManyRecords(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	req := &kurrentv2.AppendRecordsRequest{}
	stream := "s"
	for range cairn.MaxBatchEvents {
		req.Records = append(req.Records, &kurrentv2.AppendRecord{Stream: &stream,
			Schema: &kurrentv2.SchemaInfo{Name: "t", Format: kurrentv2.SchemaFormat_SCHEMA_FORMAT_BYTES}})
	}
	answer := &kurrentv2.AppendRecordsResponse{}
	if err := w.conn.Invoke(w.ctx, "/kurrentdb.protocol.v2.streams.StreamsService/AppendRecords", req, answer); err != nil || answer.Position != cairn.MaxBatchEvents {
		t.Errorf("got %v, %v", answer, err)
	}
}

// TestCrowdedBatch sends an append of very many empty events.
func TestCrowdedBatch(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	const size = 4 << 20
	call, err := w.conn.NewStream(w.ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true},
		streams.Streams_BatchAppend_FullMethodName, grpc.ForceCodecV2(raw{encoding.GetCodecV2("proto")}))
	if err != nil {
		t.Fatal(err)
	}
	n := allocated(func() {
		message := append([]byte{2<<3 | 2, 0, 4 << 3, 1}, bytes.Repeat([]byte{3<<3 | 2, 0}, size/2)...)
		if err := call.SendMsg(bytesMessage(message)); err != nil {
			t.Error(err)
		}
		if err := call.RecvMsg(nil); err != nil {
			t.Error(err)
		}
	})
	if n > 20*size {
		t.Errorf("%d bytes were allocated for %d", n, size)
	}
}
