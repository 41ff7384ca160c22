package rest

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// A body is the body of a request. Each part of it must come within the
// timeout.
type body struct {
	io.ReadCloser
	control *http.ResponseController
	timeout time.Duration
	ended   bool
}

// leftover is how long the rest of a body is waited for that nobody reads.
const leftover = time.Second

// body takes the place of a request's body.
func (s *service) body(w http.ResponseWriter, r *http.Request) *body {
	b := &body{r.Body, http.NewResponseController(w), s.o.ReadTimeout, r.ContentLength == 0}
	if !b.ended {
		b.deadline(b.timeout)
	}
	return b
}

// Read implements [io.Reader]. At the end it takes the deadline back, which
// would cancel the request that is being served.
func (b *body) Read(p []byte) (int, error) {
	if b.ended {
		return b.ReadCloser.Read(p)
	}
	b.deadline(b.timeout)
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		b.ended = true
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

// deadline does nothing where there are none.
func (b *body) deadline(d time.Duration) { _ = b.control.SetReadDeadline(time.Now().Add(d)) }

// abandon gives up a body that was not read to its end, so that the answer does
// not wait for it. The connection cannot be used again.
func (b *body) abandon(w http.ResponseWriter, r *http.Request) {
	if b.ended {
		return
	}
	b.deadline(leftover)
	if r.ProtoMajor == 1 {
		w.Header().Set("Connection", "close")
	}
}

// readBody reads a body whole.
func (s *service) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.o.MaxBody))
	if err != nil {
		return nil, bodyError(err)
	}
	return b, nil
}

// bodyError is the problem of a body that could not be read; other errors stay.
func bodyError(err error) error {
	if e, ok := errors.AsType[*http.MaxBytesError](err); ok {
		p := tooLarge.problem("the body has more than %d bytes", e.Limit)
		p.Field, p.Limit = "body", e.Limit
		return p
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return slowBody.problem("send it without pauses")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return wrong("body", "ended before its end")
	}
	return err
}
