package server

import (
	"bytes"
	"io"
	"testing"
)

// FuzzDetect sends arbitrary bytes in arbitrary chunks. What is detected must
// not depend on the chunks, and whoever takes over must read what was sent, less
// the first acknowledgement of settings and the pings that were answered.
func FuzzDetect(f *testing.F) {
	for _, sent := range [][]byte{
		nil, begin, []byte("GET / HTTP/1.1\r\n\r\n"),
		join(begin, settings, ack, grpcCall, data),
		join(begin, settings, ping, grpcCall, data, ack, data),
		join(begin, settings, window, webCall, ack),
		join(begin, settings, padded(grpcBlock), ack, ack),
		join(begin, settings, split(grpcBlock), ping),
	} {
		f.Add(sent, uint8(1))
		f.Add(sent, uint8(0))
	}
	f.Fuzz(func(t *testing.T, sent []byte, size uint8) {
		whole, want, wantErr := taken(sent, 0)
		parts, got, gotErr := taken(sent, int(size))
		if whole != parts || (wantErr == nil) != (gotErr == nil) || !bytes.Equal(want, got) {
			t.Fatalf("in chunks of %d: got %v, %v and %d bytes, in one %v, %v and %d", size, parts, gotErr, len(got), whole, wantErr, len(want))
		}
		if gotErr == nil && !bytes.Equal(got, expected(sent)) {
			t.Fatalf("got\n%q from\n%q", got, sent)
		}
	})
}

func taken(sent []byte, size int) (p protocol, left []byte, err error) {
	c := newConn(in(size, sent), func() {})
	if p, err = detect(c, quick()); err != nil {
		return 0, nil, err
	}
	left, err = io.ReadAll(c)
	return p, left, err
}

// expected is what is left of bytes, told in the simplest way: frame by frame.
func expected(sent []byte) []byte {
	rest, ok := bytes.CutPrefix(sent, begin)
	if !ok {
		return sent
	}
	want, acked, called := bytes.Clone(begin), false, false
	for first := true; ; first = false {
		f, next, ok := parseFrame(rest)
		if !ok {
			return append(want, rest...)
		}
		frame := rest[:len(rest)-len(next)]
		rest = next
		called = called || len(f.payload) > maxFrame || f.kind == frameHeaders || first && (f.kind != frameSettings || isAck(frame)) || len(want) > maxOpening
		switch {
		case isAck(frame) && !acked:
			acked = true
		case !called && f.kind == framePing && f.flags&flagAck == 0 && f.stream == 0 && len(f.payload) == 8:
		default:
			want = append(want, frame...)
		}
	}
}
