package server

import "encoding/binary"

// The frames of HTTP/2 that matter here, and their flags (RFC 9113).
const (
	frameHeaders      = 1
	frameSettings     = 4
	framePing         = 6
	frameGoAway       = 7
	frameContinuation = 9

	flagAck        = 1
	flagEndHeaders = 4
	flagPadded     = 8
	flagPriority   = 32

	frameHeaderSize = 9
	maxFrame        = 16 << 10 // until a server says otherwise
)

// A frame is a frame of HTTP/2.
type frame struct {
	kind, flags byte
	stream      uint32
	payload     []byte
}

// size is how many bytes the payload has of the frame whose header is given.
func size(header []byte) int {
	return int(header[0])<<16 | int(header[1])<<8 | int(header[2])
}

// isAck reports whether a frame with this header acknowledges settings.
func isAck(header []byte) bool {
	return size(header) == 0 && header[3] == frameSettings && header[4]&flagAck != 0
}

// parseFrame takes a frame from the beginning of b; it is incomplete if not ok.
func parseFrame(b []byte) (f frame, rest []byte, ok bool) {
	if len(b) < frameHeaderSize || len(b) < frameHeaderSize+size(b) {
		return frame{}, b, false
	}
	end := frameHeaderSize + size(b)
	return frame{
		kind:    b[3],
		flags:   b[4],
		stream:  binary.BigEndian.Uint32(b[5:]) &^ (1 << 31),
		payload: b[frameHeaderSize:end:end],
	}, b[end:], true
}

// appendFrame appends a frame to b.
func appendFrame(b []byte, f frame) []byte {
	n := len(f.payload)
	b = append(b, byte(n>>16), byte(n>>8), byte(n), f.kind, f.flags)
	b = binary.BigEndian.AppendUint32(b, f.stream)
	return append(b, f.payload...)
}

// block is the part of a header block that a HEADERS or CONTINUATION frame
// carries.
func (f frame) block() (block []byte, ok bool) {
	b := f.payload
	if f.kind == frameContinuation {
		return b, true
	}
	padding := 0
	if f.flags&flagPadded != 0 {
		if len(b) < 1 {
			return nil, false
		}
		padding, b = int(b[0]), b[1:]
	}
	if f.flags&flagPriority != 0 {
		if len(b) < 5 {
			return nil, false
		}
		b = b[5:]
	}
	if padding > len(b) {
		return nil, false
	}
	return b[:len(b)-padding], true
}
