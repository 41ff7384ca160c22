package server

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"
	"time"
)

// encrypt does the server's part of the TLS handshake. A client that does not
// speak TLS is told so in what it seems to speak.
func (c *conn) encrypt(ctx context.Context, config *tls.Config) error {
	secured := tls.Server(c.raw, config)
	err := secured.HandshakeContext(ctx)
	if wrong, ok := errors.AsType[tls.RecordHeaderError](err); ok && wrong.Conn != nil {
		c.raw.SetWriteDeadline(time.Now().Add(time.Second))
		c.raw.Write(wantsTLS(wrong.RecordHeader))
	}
	if err != nil {
		return err
	}
	c.Conn, c.read = secured, secured.Read
	return nil
}

// wantsTLS is the answer to a client that began with a header that is not one
// of TLS.
func wantsTLS(header [5]byte) []byte {
	const text = "this port speaks TLS"
	begin := string(header[:])
	switch {
	case strings.HasPrefix(preface, begin):
		const inadequateSecurity = 0xc
		goAway := append([]byte{0, 0, 0, 0, 0, 0, 0, inadequateSecurity}, text...)
		// Without settings before it, so that the connection does not count as made.
		return appendFrame(nil, frame{kind: frameGoAway, payload: goAway})
	case httpMethod(begin):
		return []byte("HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text + "\n")
	}
	return nil
}

// httpMethod reports whether a request of HTTP/1 may begin like this.
func httpMethod(begin string) bool {
	for _, method := range []string{"GET /", "HEAD ", "POST ", "PUT /", "DELET", "OPTIO", "PATCH"} {
		if begin == method {
			return true
		}
	}
	return false
}
