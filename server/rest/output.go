package rest

import (
	"bufio"
	"net/http"
	"strconv"
	"time"
)

// An output sends an answer that may be long. A client that does not take a
// part of it within the timeout is cut off.
type output struct {
	buf     *bufio.Writer
	w       http.ResponseWriter
	control *http.ResponseController
	timeout time.Duration
}

// outputSize is how many bytes are gathered before they are sent.
const outputSize = 32 << 10

// stream begins an answer of unknown length. Its connection is not used again,
// as it keeps the deadline of the last part.
func (s *service) stream(w http.ResponseWriter, r *http.Request, mediaType string) *output {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // proxies pass it on at once
	if r.ProtoMajor == 1 {
		h.Set("Connection", "close")
	}
	o := &output{w: w, control: http.NewResponseController(w), timeout: s.o.WriteTimeout}
	o.buf = bufio.NewWriterSize(deadlined{o}, outputSize)
	w.WriteHeader(http.StatusOK)
	return o
}

// Write gathers bytes.
func (o *output) Write(p []byte) (int, error) { return o.buf.Write(p) }

// flush sends what was gathered.
func (o *output) flush() error {
	if err := o.buf.Flush(); err != nil {
		return err
	}
	o.extend()
	return o.control.Flush()
}

// extend does nothing where there are no deadlines.
func (o *output) extend() { _ = o.control.SetWriteDeadline(time.Now().Add(o.timeout)) }

// deadlined is the lower end of an output.
type deadlined struct{ o *output }

func (d deadlined) Write(p []byte) (int, error) {
	d.o.extend()
	return d.o.w.Write(p)
}

// write sends an answer that is whole. That it could not be sent is nothing
// that anybody could be told.
func (s *service) write(w http.ResponseWriter, status int, mediaType string, body []byte) {
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Now().Add(s.o.WriteTimeout))
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if _, err := w.Write(body); err == nil {
		_ = control.Flush()
	}
	_ = control.SetWriteDeadline(time.Time{})
}
