package frame

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"runtime"
	"slices"
	"testing"

	"github.com/cairndb/cairn"
)

// FuzzRoundTrip builds frames out of what the fuzzer gives.
func FuzzRoundTrip(f *testing.F) {
	f.Add(uint64(1), uint64(0), "", "order-1", "placed", []byte("{}"), []byte(nil), "t", int64(5), int64(7), uint8(3))
	f.Add(uint64(1<<50), uint64(9), "key", "$$s", "$metadata", []byte(nil), []byte("m"), "", int64(-1), int64(1<<62), uint8(0xff))
	f.Fuzz(func(t *testing.T, first, behind uint64, key, stream, typ string, data, metadata []byte, tag string, when, revision int64, bits uint8) {
		if first == 0 || first > 1<<62 || len(key) > cairn.MaxKey || len(stream) > cairn.MaxStreamName || len(typ) > cairn.MaxTypeName || len(tag) > cairn.MaxTag {
			t.Skip("not what is encoded")
		}
		h := Header{First: cairn.Position(first)}
		h.Acked = h.First - 1 - cairn.Position(behind%first)
		var events []made
		for i := range int(bits >> 4) {
			e := made{stream, cairn.Revision(revision &^ (-1 << 63)), cairn.ID{byte(i), bits}, when, bits&1 > 0,
				cairn.Event{Type: typ, Data: data[:len(data)*i/16], Metadata: metadata, Format: cairn.Format(bits & 3)}}
			if tag != "" {
				e.event.Tags = slices.Repeat([]string{tag}, 1+i%3)
			}
			events = append(events, e)
		}
		if key != "" {
			h.Key, h.Answer = []byte(key), Answer{Events: len(events) / 2, Revisions: []cairn.Revision{cairn.Revision(revision), -1}}
		}
		compare(t, encode(epoch, h, events), h, events)
	})
}

// FuzzOpen takes any bytes for a frame. What it accepts is what the Builder
// makes of the same content.
func FuzzOpen(f *testing.F) {
	for _, s := range samples() {
		f.Add(encode(epoch, s.header, s.events))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, events, err := decode(b, epoch)
		if err != nil {
			if !errors.Is(err, ErrTorn) {
				t.Fatal(err)
			}
			return
		}
		if again := encode(epoch, h, remake(events)); !bytes.Equal(again, b[:h.Length]) {
			t.Fatalf("%x was accepted, and is encoded as %x", b[:h.Length], again)
		}
	})
}

// FuzzSealed is FuzzOpen with all sums made right, as no damage makes them, so
// that what lies behind them is reached. It may accept what the Builder would
// have written otherwise, but must come to an end in little memory.
func FuzzSealed(f *testing.F) {
	for _, s := range samples() {
		f.Add(encode(epoch, s.header, s.events))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < FixedSize {
			return
		}
		seal(b)
		if n := allocated(func() { _, _, _ = decode(b, epoch) }); n > 64<<10+512*uint64(len(b)) {
			t.Fatalf("%d bytes allocated for %d", n, len(b))
		}
		h, events, err := decode(b, epoch)
		if err != nil {
			return
		}
		for i := range events {
			_ = fmt.Sprint(events[i].Tags(), events[i].When())
		}
		compare(t, encode(epoch, h, remake(events)), h, remake(events))
	})
}

// seal writes the epoch, the length and the sums that the bytes should have.
func seal(b []byte) {
	binary.LittleEndian.PutUint32(b, uint32(len(b)))
	binary.LittleEndian.PutUint32(b[8:], epoch)
	h, rest, err := Peek(b, epoch)
	if err != nil {
		return
	}
	start := len(b) - len(rest)
	for at, p := start, h.First; p <= h.Last(); p++ {
		end, ok := eventEnd(b, at)
		if !ok {
			return
		}
		binary.LittleEndian.PutUint32(b[at:], crc32.Update(seed(epoch, p), table, b[at+4:end]))
		at = end
	}
	sum, _ := sumOf(b, start, h.Count)
	binary.LittleEndian.PutUint32(b[4:], sum)
}

func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// remake turns decoded events into what a Builder is given.
func remake(events []Event) (all []made) {
	for i := range events {
		e := &events[i]
		all = append(all, made{string(e.Stream), e.Revision, e.ID, e.Time, e.OwnTime,
			cairn.Event{Type: string(e.Type), Data: e.Data, Metadata: e.Metadata, Format: e.Format, Tags: e.Tags()}})
	}
	return all
}

// FuzzDecode takes any bytes for an event.
func FuzzDecode(f *testing.F) {
	for _, s := range samples() {
		b := encode(epoch, s.header, s.events)
		if _, rest, _ := Open(b, epoch); len(rest) > 0 {
			f.Add(rest, uint64(s.header.First))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, p uint64) {
		var e, trusted Event
		rest, err := Decode(b, epoch, cairn.Position(p), &e)
		_, trustedErr := Trusted(b, cairn.Position(p), &trusted)
		if trustedErr == nil {
			_ = fmt.Sprint(trusted.Tags(), trusted.When())
		}
		if err != nil {
			if !errors.Is(err, ErrTorn) {
				t.Fatal(err)
			}
			return
		}
		if n, ok := Size(b); !ok || n != len(b)-len(rest) || trustedErr != nil {
			t.Fatalf("Size says %d, %t; Decode took %d; trusted: %v", n, ok, len(b)-len(rest), trustedErr)
		}
	})
}
