package frame

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
)

const epoch = 0xc0ffee01

// A made event is what a Builder is given.
type made struct {
	stream   string
	revision cairn.Revision
	id       cairn.ID
	time     int64
	own      bool
	event    cairn.Event
}

// encode builds one frame.
func encode(epoch uint32, h Header, events []made) []byte {
	var b Builder
	h.Count = len(events)
	b.Begin(epoch, &h)
	for i := range events {
		e := &events[i]
		b.Event(e.stream, e.revision, e.id, e.time, e.own, &e.event, e.event.Tags)
	}
	b.End(len(events))
	return b.Buf
}

// decode opens a frame and decodes all its events.
func decode(b []byte, epoch uint32) (h Header, events []Event, err error) {
	h, rest, err := Open(b, epoch)
	if err != nil {
		return h, nil, err
	}
	for p := h.First; p <= h.Last(); p++ {
		var e Event
		if rest, err = Decode(rest, epoch, p, &e); err != nil {
			return h, nil, err
		}
		events = append(events, e)
	}
	if len(rest) > len(b)-h.Length {
		return h, nil, fmt.Errorf("%d bytes left", len(rest))
	}
	return h, events, nil
}

// samples are frames that differ in every field.
func samples() map[string]struct {
	header Header
	events []made
} {
	type sample = struct {
		header Header
		events []made
	}
	id := cairn.NewIDAt(time.Unix(1_700_000_000, 0))
	plain := made{"order-1", 0, id, 1, false, cairn.Event{Type: "placed", Data: []byte(`{"total":12}`)}}
	full := made{"$$ö-" + strings.Repeat("s", cairn.MaxStreamName-5), math.MaxInt64, id, math.MinInt64, true, cairn.Event{
		Type: "$x", Data: bytes.Repeat([]byte{0}, 300), Metadata: []byte("m"), Format: cairn.Avro,
		Tags: []string{"a", "b", strings.Repeat("t", cairn.MaxTag)},
	}}
	return map[string]sample{
		"one event": {Header{First: 1}, []made{plain}},
		"no data":   {Header{First: 7, Acked: 6}, []made{{"s", 5, id, 0, false, cairn.Event{Type: "t"}}}},
		"all there is": {Header{First: 1 << 40, Acked: 17, Key: []byte("k"), Answer: Answer{2, []cairn.Revision{0, -1, math.MaxInt64}}},
			[]made{full, plain, full}},
		"only a key": {Header{First: 300, Acked: 299, Key: []byte("key"), Answer: Answer{0, []cairn.Revision{}}}, nil},
	}
}

func TestFramesComeBack(t *testing.T) {
	for name, s := range samples() {
		t.Run(name, func(t *testing.T) {
			b := encode(epoch, s.header, s.events)
			compare(t, b, s.header, s.events)
		})
	}
}

// compare decodes a frame and compares it with what it was made of.
func compare(t *testing.T, b []byte, want Header, made []made) {
	t.Helper()
	followed := append(slices.Clone(b), "more"...)
	h, events, err := decode(followed, epoch)
	if err != nil {
		t.Fatal(err)
	}
	if h.Length != len(b) || h.First != want.First || h.Count != len(made) || h.Acked != want.Acked ||
		!bytes.Equal(h.Key, want.Key) || h.Answer.Events != want.Answer.Events || !slices.Equal(h.Answer.Revisions, want.Answer.Revisions) {
		t.Errorf("header: got %+v, want %+v", h, want)
	}
	for i, e := range events {
		w := made[i]
		if e.Position != want.First+cairn.Position(i) || e.Revision != w.revision || e.ID != w.id || e.Time != w.time || e.OwnTime != w.own ||
			e.Format != w.event.Format || string(e.Stream) != w.stream || string(e.Type) != w.event.Type ||
			!bytes.Equal(e.Data, w.event.Data) || !bytes.Equal(e.Metadata, w.event.Metadata) || !slices.Equal(e.Tags(), w.event.Tags) {
			t.Errorf("event %d: got %+v, want %+v", i, e, w)
		}
	}
	if n, ok := Length(b, epoch); !ok || n != len(b) {
		t.Errorf("Length says %d, %t; it is %d", n, ok, len(b))
	}
}

func TestSizesAreKnownFromTheFirstBytes(t *testing.T) {
	for name, s := range samples() {
		b := encode(epoch, s.header, s.events)
		h, rest, err := Open(b, epoch)
		for p := h.First; err == nil && p <= h.Last(); p++ {
			n, ok := Size(rest[:min(len(rest), 16)])
			if !ok || n > len(rest) {
				t.Fatalf("%s: Size says %d, %t of %d bytes", name, n, ok, len(rest))
			}
			var e, trusted Event
			if _, err := Decode(rest[:n], epoch, p, &e); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := Trusted(rest[:n], p, &trusted); err != nil || trusted.ID != e.ID || trusted.Position != p {
				t.Errorf("%s: trusted %+v, %v; decoded %+v", name, trusted, err, e)
			}
			rest = rest[n:]
		}
		if err != nil || len(rest) > 0 {
			t.Errorf("%s: %d bytes left, %v", name, len(rest), err)
		}
	}
}

func TestEveryFlippedByteIsFound(t *testing.T) {
	for name, s := range samples() {
		whole := encode(epoch, s.header, s.events)
		for i := range whole {
			for _, flip := range []byte{1, 0x80, 0xff} {
				b := slices.Clone(whole)
				b[i] ^= flip
				for _, tail := range []int{0, 4096} { // alone, or with zeros behind
					if _, _, err := decode(append(b, make([]byte, tail)...), epoch); !errors.Is(err, ErrTorn) {
						t.Fatalf("%s: byte %d xor %#x: %v", name, i, flip, err)
					}
				}
			}
		}
	}
}

func TestEveryTruncationIsFound(t *testing.T) {
	for name, s := range samples() {
		whole := encode(epoch, s.header, s.events)
		for n := range whole {
			if _, _, err := decode(whole[:n], epoch); !errors.Is(err, ErrTorn) {
				t.Fatalf("%s: cut off at byte %d: %v", name, n, err)
			}
			torn := append(slices.Clone(whole[:n]), make([]byte, len(whole)-n)...)
			if bytes.Equal(torn, whole) {
				continue // it ends with zeros
			}
			if _, _, err := decode(torn, epoch); !errors.Is(err, ErrTorn) {
				t.Fatalf("%s: zeros from byte %d on: %v", name, n, err)
			}
		}
	}
}

func TestAnotherStoreOrPlaceIsRefused(t *testing.T) {
	for name, s := range samples() {
		b := encode(epoch, s.header, s.events)
		if _, _, err := Open(b, epoch+2); !errors.Is(err, ErrTorn) {
			t.Errorf("%s: in another store: %v", name, err)
		}
		if _, ok := Length(b, epoch+2); ok {
			t.Errorf("%s: Length of a frame of another store", name)
		}
		h, rest, err := Open(b, epoch)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []cairn.Position{h.First - 1, h.First + 1, h.First + 1<<32, h.First ^ 1<<63} {
			var e Event
			if _, err := Decode(rest, epoch, p, &e); h.Count > 0 && !errors.Is(err, ErrTorn) {
				t.Errorf("%s: an event of position %d is taken for that of %d", name, h.First, p)
			}
		}
		var e Event
		if _, err := Decode(rest, epoch+2, h.First, &e); h.Count > 0 && !errors.Is(err, ErrTorn) {
			t.Errorf("%s: an event of another store is taken", name)
		}
	}
}

func TestFramesStandBehindEachOther(t *testing.T) {
	var b Builder
	var starts []int
	for first := cairn.Position(1); first < 10; first++ {
		starts = append(starts, len(b.Buf))
		b.Begin(epoch, &Header{First: first, Count: 1})
		b.Event("s", 0, cairn.ID{1}, 0, false, &cairn.Event{Type: "t"}, nil)
		b.End(1)
	}
	for i, at := range starts {
		h, events, err := decode(b.Buf[at:], epoch)
		if err != nil || h.First != cairn.Position(i+1) || len(events) != 1 {
			t.Fatalf("frame %d: %+v, %v", i, h, err)
		}
	}
}

func TestZerosAreNoFrame(t *testing.T) {
	if _, ok := Length(make([]byte, FixedSize), epoch); ok {
		t.Error("zeros have a length")
	}
	if _, _, err := Open(make([]byte, 4096), epoch); !errors.Is(err, ErrTorn) {
		t.Error(err)
	}
	if _, ok := Size(make([]byte, 4)); ok {
		t.Error("four bytes have a size")
	}
}

func TestBoundIsEnough(t *testing.T) {
	for name, s := range samples() {
		var writes []cairn.Write
		for _, e := range s.events {
			writes = append(writes, cairn.Write{Stream: e.stream, Events: []cairn.Event{e.event}})
		}
		n, bound := len(encode(epoch, s.header, s.events)), Bound(writes, string(s.header.Key))
		if n > bound || n > MaxSize {
			t.Errorf("%s: %d bytes, bound %d", name, n, bound)
		}
	}
}

func TestDecodeAllocatesNothing(t *testing.T) {
	b := encode(epoch, Header{First: 1}, samples()["one event"].events)
	_, rest, _ := Open(b, epoch)
	var e Event
	if n := testing.AllocsPerRun(100, func() { _, _ = Decode(rest, epoch, 1, &e) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
