package rest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// A Client asks one service.
type Client struct {
	// Name is what the service is called, for errors.
	Name string

	// URL is where it is, without a slash at its end.
	URL string

	// HTTP sends the requests. Nil means http.DefaultClient.
	HTTP *http.Client

	// Patience is how long to wait for an answer. Zero means ten seconds.
	Patience time.Duration
}

// maxAnswer is how many bytes of an answer are read.
const maxAnswer = 8 << 20

// ErrUnavailable is matched when a service cannot be reached, or has failed. The
// same request may succeed later.
var ErrUnavailable = errors.New("the service is not available")

// Do asks. The body becomes JSON unless it is nil; the answer is read into out
// unless that is nil. Its header is returned, also with an error. A refusal is a
// [*Problem]; what the service could not help matches [ErrUnavailable].
func (c *Client) Do(ctx context.Context, method, path string, body, out any) (http.Header, error) {
	limited, cancel := context.WithTimeout(ctx, cmp.Or(c.Patience, 10*time.Second))
	defer cancel()
	r, err := c.request(limited, method, path, body)
	if err != nil {
		return nil, err
	}
	resp, err := cmp.Or(c.HTTP, http.DefaultClient).Do(r)
	if err != nil {
		return nil, c.unavailable(ctx, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return resp.Header, c.unavailable(ctx, err)
	}
	return resp.Header, c.read(resp.StatusCode, b, out)
}

func (c *Client) request(ctx context.Context, method, path string, body any) (*http.Request, error) {
	var content io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		content = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.URL, "/")+path, content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r, nil
}

func (c *Client) unavailable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("%s: %w: %w", c.Name, ErrUnavailable, err)
}

func (c *Client) read(status int, b []byte, out any) error {
	switch {
	case status >= 500:
		return fmt.Errorf("%s: %w: status %d", c.Name, ErrUnavailable, status)
	case status >= 300:
		p := &Problem{Message: http.StatusText(status)}
		_ = json.Unmarshal(b, p) // whatever it is, it is a refusal
		p.Status = status
		return p
	case out == nil || len(b) == 0:
		return nil
	}
	if err := json.Unmarshal(b, out); err != nil {
		return fmt.Errorf("%s: %w: an answer that is not understood: %w", c.Name, ErrUnavailable, err)
	}
	return nil
}
