package frame_test

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/frame"
)

const goldenEpoch = 0xa1b2c3d5

var goldenHeader = frame.Header{
	First: 1<<32 + 7, Count: 3, Acked: 1<<32 + 4,
	Key:    []byte("pay-77"),
	Answer: frame.Answer{Events: 2, Revisions: []cairn.Revision{300, cairn.NoStream}},
}

var goldenEvents = []frame.Event{
	{
		Position: 1<<32 + 7, Revision: 300, ID: cairn.ID{0x01, 0x8f, 15: 0x02}, Time: 1_700_000_000_123_456_789, OwnTime: true,
		Format: cairn.Protobuf, Stream: []byte("order-1"), Type: []byte("paid"), Data: []byte{0x08, 0x96, 0x01}, Metadata: []byte(`{"by":"ann"}`),
	},
	{
		Position: 1<<32 + 8, Revision: 0, ID: cairn.ID{15: 0x03}, Time: -1,
		Stream: []byte("stock-ä"), Type: []byte("reserved"), Data: []byte(`{}`), Metadata: []byte{},
	},
	{
		Position: 1<<32 + 9, Revision: cairn.TombstoneRevision, ID: cairn.ID{15: 0x04}, Time: 1,
		Stream: []byte("basket-1"), Type: []byte(cairn.TypeStreamDeleted), Data: []byte{}, Metadata: []byte{},
	},
}

var goldenTags = [][]string{{"customer:ann", "order:1"}, nil, nil}

// golden is the frame, field by field as docs/format.md has them. It never
// changes, because stores hold such bytes.
const golden = `
	e9000000 3c15d101 d5c3b2a1 0700000001000000
	03 02 06 7061792d3737 02 02 d804 01

	3bb2e1bf 4e 1a 018f0000000000000000000000000002 15cd853dfe9c9717
	ac02 07 6f726465722d31 04 70616964
	02 0c 637573746f6d65723a616e6e 07 6f726465723a31
	0c 7b226279223a22616e6e227d 089601

	efc922da 2f 00 00000000000000000000000000000003 ffffffffffffffff
	00 08 73746f636b2dc3a4 08 7265736572766564
	00 7b7d

	43dafa4f 3b 00 00000000000000000000000000000004 0100000000000000
	ffffffffffffffff7f 08 6261736b65742d31 0e 2473747265616d44656c65746564
	00
`

func TestGoldenEncode(t *testing.T) {
	var b frame.Builder
	b.Begin(goldenEpoch, &goldenHeader)
	for i := range goldenEvents {
		e := &goldenEvents[i]
		b.Event(string(e.Stream), e.Revision, e.ID, e.Time, e.OwnTime, &cairn.Event{
			Type: string(e.Type), Data: e.Data, Metadata: e.Metadata, Format: e.Format,
		}, goldenTags[i])
	}
	if n := b.End(len(goldenEvents)); n != len(b.Buf) {
		t.Errorf("length %d, and %d bytes", n, len(b.Buf))
	}
	if want := goldenBytes(t); !bytes.Equal(b.Buf, want) {
		t.Errorf("encoded\n%x\nwant\n%x", b.Buf, want)
	}
}

func TestGoldenDecode(t *testing.T) {
	b := goldenBytes(t)
	h, rest, err := frame.Open(append(b, "what follows"...), goldenEpoch)
	if err != nil {
		t.Fatal(err)
	}
	want := goldenHeader
	want.Length = len(b)
	if !reflect.DeepEqual(h, want) {
		t.Errorf("header %+v, want %+v", h, want)
	}
	for i, p := 0, h.First; p <= h.Last(); i, p = i+1, p+1 {
		var e frame.Event
		if rest, err = frame.Decode(rest, goldenEpoch, p, &e); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(e.Tags(), goldenTags[i]) || !same(&e, &goldenEvents[i]) {
			t.Errorf("event %d: %+v with tags %q, want %+v with %q", i, e, e.Tags(), goldenEvents[i], goldenTags[i])
		}
	}
	if len(rest) > 0 {
		t.Errorf("%d bytes follow the events", len(rest))
	}
}

// same compares all but the tags.
func same(a, b *frame.Event) bool {
	return a.Position == b.Position && a.Revision == b.Revision && a.ID == b.ID && a.Time == b.Time && a.OwnTime == b.OwnTime && a.Format == b.Format &&
		bytes.Equal(a.Stream, b.Stream) && bytes.Equal(a.Type, b.Type) && bytes.Equal(a.Data, b.Data) && bytes.Equal(a.Metadata, b.Metadata)
}

func goldenBytes(t *testing.T) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(golden), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
