package server

import "io"

// hideAck makes the next reads begin with bytes that were read already, which
// start with the preface, and leaves out the first frame that acknowledges
// settings. Afterwards the connection is read as it is.
func (c *conn) hideAck(begin []byte) {
	c.begin = begin
	h := &ackHider{conn: c, have: frameHeaderSize, given: frameHeaderSize, payload: len(preface)}
	c.read = h.read
}

// An ackHider reads frames from a connection until it has left one out.
type ackHider struct {
	conn    *conn
	header  [frameHeaderSize]byte
	have    int // bytes of header that were read
	given   int // bytes of header that were handed out
	payload int // bytes of the frame's payload that are still to come
}

func (h *ackHider) read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if h.given == frameHeaderSize && h.payload == 0 {
		h.have, h.given = 0, 0
	}
	if h.given == frameHeaderSize {
		n, err := h.conn.next(p[:min(len(p), h.payload)])
		h.payload -= n
		return n, err
	}
	for h.have < frameHeaderSize {
		n, err := h.conn.next(h.header[h.have:])
		h.have += n
		if h.have < frameHeaderSize && err != nil {
			return h.partial(p, err)
		}
	}
	if h.given == 0 && isAck(h.header[:]) {
		h.conn.read = h.conn.replayed
		return h.conn.read(p)
	}
	n := copy(p, h.header[h.given:])
	h.given += n
	h.payload = size(h.header[:])
	return n, nil
}

// partial hands out what there is of a header that will not be complete.
func (h *ackHider) partial(p []byte, err error) (int, error) {
	if err != io.EOF {
		return 0, err // perhaps there is more after a deadline has been moved
	}
	n := copy(p, h.header[h.given:h.have])
	h.given += n
	if n > 0 {
		return n, nil
	}
	return 0, err
}
