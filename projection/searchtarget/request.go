package searchtarget

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// A request is one call of the server's.
type request struct {
	method, path string // the path is escaped
	query        string
	body         any // JSON, or NDJSON as bytes
}

// maxAnswer is how much of an answer is read.
const maxAnswer = 64 << 20

// do sends a request and reads the answer into v. An answer that is no success is a
// *ServerError.
func (t *Target) do(ctx context.Context, r request, v any) error {
	req, err := t.prepare(ctx, r)
	if err != nil {
		return err
	}
	res, err := t.client.Do(req)
	if err != nil {
		return because(ctx, r, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return because(ctx, r, err)
	}
	if res.StatusCode >= 300 {
		return refused(r, res.StatusCode, body)
	}
	if v == nil {
		return nil
	}
	if err := json.Unmarshal(body, v); err != nil {
		return because(ctx, r, &unreadableError{err})
	}
	return nil
}

func (t *Target) prepare(ctx context.Context, r request) (*http.Request, error) {
	body, kind, err := encoded(r.body)
	if err != nil {
		return nil, err
	}
	// Not JoinPath, which would make something else of the ID "..".
	address := strings.TrimRight(t.base, "/") + "/" + r.path + "?" + r.query
	req, err := http.NewRequestWithContext(ctx, r.method, strings.TrimSuffix(address, "?"), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, values := range t.o.Header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return req, nil
}

func encoded(body any) (_ []byte, kind string, _ error) {
	switch b := body.(type) {
	case nil:
		return nil, "", nil
	case []byte:
		return b, "application/x-ndjson", nil
	}
	b, err := json.Marshal(body)
	return b, "application/json", err
}

// because says what was being done. An ended context is the reason, whatever the
// client made of it.
func because(ctx context.Context, r request, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("searchtarget: %s %s: %w", r.method, r.path, err)
}
