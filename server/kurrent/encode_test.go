package kurrent

import (
	"bytes"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/shared"
	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/cairndb/cairn"
)

// A recorder is a stream that decodes what is sent, as a client would.
type recorder struct {
	grpc.ServerStream
	t    testing.TB
	size int
	last *streams.ReadResp
}

func (r *recorder) SendMsg(m any) error {
	data, err := Codec().Marshal(m)
	if err != nil {
		r.t.Fatal(err)
	}
	b := data.Materialize()
	r.last, r.size = &streams.ReadResp{}, len(b)
	if err := (proto.UnmarshalOptions{DiscardUnknown: false}).Unmarshal(b, r.last); err != nil {
		r.t.Fatalf("%v in %x", err, b)
	}
	if len(r.last.ProtoReflect().GetUnknown()) > 0 {
		r.t.Fatalf("unknown fields in %v", r.last)
	}
	return nil
}

// roundTrip encodes an event, alone, as a link and as a target, and compares what is
// decoded with it.
func roundTrip(t testing.TB, e *cairn.Recorded, text bool) {
	t.Helper()
	r := &recorder{t: t}
	s := sender{stream: r, text: text}
	for _, pair := range [][2]*cairn.Recorded{{e, nil}, {nil, e}, {e, e}} {
		if err := s.event(pair[0], pair[1], e.Position); err != nil {
			t.Fatal(err)
		}
		got := r.last.GetEvent()
		if got.GetCommitPosition() != uint64(e.Position) {
			t.Fatalf("position %d of %+v", got.GetCommitPosition(), e)
		}
		sameEvent(t, pair[0], got.GetEvent(), text)
		sameEvent(t, pair[1], got.GetLink(), text)
	}
}

func sameEvent(t testing.TB, e *cairn.Recorded, got *streams.ReadResp_ReadEvent_RecordedEvent, text bool) {
	t.Helper()
	if e == nil || got == nil {
		if (e == nil) != (got == nil) {
			t.Fatalf("got %v of %v", got, e)
		}
		return
	}
	id, err := idOf(got.GetId())
	m := got.GetMetadata()
	switch {
	case err != nil, id != e.ID, (got.GetId().GetStructured() == nil) != text,
		string(got.GetStreamIdentifier().GetStreamName()) != e.Stream,
		got.GetStreamRevision() != uint64(e.Revision),
		got.GetPreparePosition() != uint64(e.Position), got.GetCommitPosition() != uint64(e.Position),
		len(m) != 3, m["type"] != e.Type, m["content-type"] != contentType(e.Format),
		m["created"] != strconv.FormatInt(e.Time.UnixNano()/100, 10),
		!bytes.Equal(got.GetCustomMetadata(), e.Metadata), !bytes.Equal(got.GetData(), e.Data):
		t.Fatalf("got %v of %+v (%v)", got, e, err)
	}
}

// TestEncodeEvents encodes events of many shapes.
func TestEncodeEvents(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	bytesOf := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}
	name := func(n int) string { return string(bytes.Repeat([]byte("ü"), n/2)) + "x" }
	sizes := []int{0, 1, 100, 126, 127, 128, 129, 1000, 16383, 16384, 70_000}
	for i := range 2000 {
		e := &cairn.Recorded{Stream: name(sizes[r.IntN(8)]), Revision: cairn.Revision(r.Uint64() >> (1 + r.IntN(63))), Position: cairn.Position(r.Uint64() >> r.IntN(64))}
		e.Type, e.Format = name(sizes[r.IntN(8)]), cairn.Format(r.IntN(4))
		e.Data, e.Metadata = bytesOf(sizes[r.IntN(len(sizes))]), bytesOf(sizes[r.IntN(len(sizes))])
		e.Time = time.Unix(r.Int64N(4e9)-1e9, r.Int64N(1e9))
		copy(e.ID[:], bytesOf(16))
		if i%5 == 0 {
			e.ID, e.Data, e.Metadata = cairn.ID{}, nil, nil
		}
		roundTrip(t, e, i%2 == 0)
	}
}

// idOf reads an ID in either of its forms. An absent one is the zero ID.
func idOf(u *shared.UUID) (cairn.ID, error) {
	switch v := u.GetValue().(type) {
	case *shared.UUID_String_:
		return cairn.ParseID(v.String_)
	case *shared.UUID_Structured_:
		return idOfHalves(v.Structured.GetMostSignificantBits(), v.Structured.GetLeastSignificantBits()), nil
	}
	return cairn.ID{}, nil
}

func FuzzEncodeEvent(f *testing.F) {
	f.Add("stream", "type", []byte("data"), []byte("meta"), uint64(1), int64(1), int64(1), []byte("0123456789abcdef"), true)
	f.Fuzz(func(t *testing.T, stream, typ string, data, meta []byte, position uint64, revision, nanos int64, id []byte, text bool) {
		e := &cairn.Recorded{Stream: string([]rune(stream)), Revision: cairn.Revision(revision), Position: cairn.Position(position)}
		e.Type, e.Data, e.Metadata, e.Time = string([]rune(typ)), data, meta, time.Unix(0, nanos)
		copy(e.ID[:], id)
		roundTrip(t, e, text)
	})
}

// FuzzDecodeBatch compares decoding by hand with the generated type.
func FuzzDecodeBatch(f *testing.F) {
	seed, err := proto.Marshal(&streams.BatchAppendReq{
		Options:          &streams.BatchAppendReq_Options{ExpectedStreamPosition: &streams.BatchAppendReq_Options_StreamPosition{StreamPosition: 7}},
		ProposedMessages: []*streams.BatchAppendReq_ProposedMessage{{Metadata: map[string]string{"type": "t", "content-type": contentJSON}, Data: []byte("d"), CustomMetadata: []byte("m")}},
		IsFinal:          true,
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, b []byte) {
		var m batchMessage
		var want streams.BatchAppendReq
		err := m.decode(bytes.Clone(b))
		if proto.Unmarshal(b, &want) != nil || err != nil {
			return // what one takes the other may refuse, such as text that is not UTF-8
		}
		if len(m.proposed) != len(want.GetProposedMessages()) {
			t.Fatalf("%d events of %v", len(m.proposed), &want)
		}
		for i, p := range want.GetProposedMessages() {
			got := m.proposed[i]
			typ, ok := p.GetMetadata()[keyType]
			if got.typ != typ || got.hasType != ok || !bytes.Equal(got.data, p.GetData()) || !bytes.Equal(got.metadata, p.GetCustomMetadata()) {
				t.Fatalf("event %+v of %v", got, p)
			}
			if e, err := got.event(); err == nil && e.Type == "" {
				t.Fatalf("an event without a type of %v", p)
			}
		}
		m.options.until(time.Unix(1e9, 0), time.Second)
	})
}

func TestArena(t *testing.T) {
	var a arena
	for n := range 20_000 {
		b := a.take(n % 6000)
		if len(b) != 0 || cap(b) < n%6000 {
			t.Fatalf("%d of %d bytes", cap(b), n%6000)
		}
		b = append(b, bytes.Repeat([]byte{byte(n)}, n%6000)...)
		if m := a.message(b); m.Len() != n%6000 {
			t.Fatalf("%d bytes", m.Len())
		}
	}
}
