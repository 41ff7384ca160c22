package server

import (
	"strings"
	"time"

	"golang.org/x/net/http2/hpack"
)

// A request is the first request of a connection that speaks HTTP/2, while it
// is looked for.
type request struct {
	*opening
	kept  []byte         // what was read and will be read again
	acked bool           // the client has acknowledged the settings it was sent
	begun bool           // what is waited for has begun, and must end in time
	block *hpack.Decoder // of the header that is being read

	answer   protocol
	answered bool
}

// find reads up to the first request's header. What breaks the rules, or does
// not come to a request, is left to net/http, which knows what to answer.
func (r *request) find() (protocol, error) {
	for !r.answered {
		f, rest, ok := parseFrame(r.buf)
		switch {
		case len(r.buf) >= frameHeaderSize && size(r.buf) > maxFrame:
			r.decide(speaksHTTP)
		case ok:
			whole := r.buf[:len(r.buf)-len(rest)]
			r.buf, r.begun = rest, false
			if err := r.take(f, whole); err != nil {
				return 0, err
			}
		default:
			if err := r.wait(); err != nil {
				return 0, err
			}
		}
	}
	return r.answer, nil
}

// wait reads more. What has begun must end soon; between frames a client may
// take its time.
func (r *request) wait() error {
	switch {
	case r.begun:
	case len(r.buf) > 0 || r.block != nil:
		r.begun, r.by = true, time.Now().Add(r.limits.HandshakeTime)
	default:
		r.by = time.Now().Add(r.limits.IdleTime)
	}
	return r.more()
}

// take looks at a frame and keeps it, unless it is answered here.
func (r *request) take(f frame, whole []byte) error {
	first := len(r.kept) == len(preface)
	switch {
	case first && (f.kind != frameSettings || isAck(whole)):
		r.decide(speaksHTTP)
	case r.block != nil || f.kind == frameHeaders:
		r.decode(f)
	case isAck(whole) && !r.acked:
		r.acked = true
		return nil
	case f.kind == framePing && f.flags&flagAck == 0 && len(f.payload) == 8 && f.stream == 0:
		return r.pong(f)
	}
	if r.kept = append(r.kept, whole...); len(r.kept) > maxOpening {
		r.decide(speaksHTTP)
	}
	return nil
}

// pong answers a client that wants to know whether the server is alive.
func (r *request) pong(f frame) error {
	f.flags = flagAck
	_, err := r.conn.Write(appendFrame(nil, f))
	return err
}

// decode reads a part of the header until it says what the request is.
func (r *request) decode(f frame) {
	begins := f.kind == frameHeaders
	block, ok := f.block()
	if !ok || begins != (r.block == nil) || !begins && f.kind != frameContinuation {
		r.decide(speaksHTTP)
		return
	}
	if begins {
		r.block = hpack.NewDecoder(4096, r.field)
		r.block.SetMaxStringLength(maxFrame)
	}
	if _, err := r.block.Write(block); err != nil || f.flags&flagEndHeaders != 0 {
		r.decide(speaksHTTP)
	}
}

// field looks at one field of the header.
func (r *request) field(f hpack.HeaderField) {
	if f.Name == "content-type" && isGRPC(f.Value) {
		r.decide(speaksGRPC)
	}
}

// decide settles the answer; the first decision counts.
func (r *request) decide(p protocol) {
	if !r.answered {
		r.answer, r.answered = p, true
	}
}

// isGRPC reports whether a request with this content type is for gRPC.
func isGRPC(contentType string) bool {
	rest, ok := strings.CutPrefix(contentType, "application/grpc")
	return ok && (rest == "" || rest[0] == '+' || rest[0] == ';')
}
