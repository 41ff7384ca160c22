package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cairndb/cairn/broker"
)

const (
	prefix    = "ce-"       // of the headers that are attributes
	keyHeader = "Cairn-Key" // the key of a message; no attribute can have its name
)

var errTopic = errors.New("its topic is not the rest of a path: it must not have . or .. as a part, nor be empty between slashes")

// request makes what is sent of a message. Its errors are about the message.
func (p *Publisher) request(ctx context.Context, m *broker.Message) (*http.Request, error) {
	h := p.o.Header.Clone()
	if h == nil {
		h = http.Header{}
	}
	h.Set("User-Agent", "cairn-webhook")
	body, err := p.fill(h, m)
	if err != nil {
		return nil, err
	}
	if len(body) > p.o.MaxSize {
		return nil, fmt.Errorf("it has %d bytes, and at most %d are allowed", len(body), p.o.MaxSize)
	}
	if m.Key != "" {
		h.Set(keyHeader, broker.EscapeHeader(m.Key))
	}
	if err := sign(h, p.secrets, idOf(m), time.Now(), body); err != nil {
		return nil, err
	}
	// Being sent twice does not matter to a message with an ID: the client may
	// send it again over another connection, when the one it had kept is closed.
	h["Idempotency-Key"] = nil
	u, err := p.address(m.Topic)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u, bytes.NewReader(body))
	if err == nil {
		r.Header = h
	}
	return r, err
}

// fill puts the event into headers and body.
func (p *Publisher) fill(h http.Header, m *broker.Message) (body []byte, err error) {
	set := func(name, value string) { h.Set(name, broker.EscapeHeader(value)) }
	if p.o.Binary {
		h.Del("Content-Type")
		if t := m.Event.DataContentType(); t != "" {
			h.Set("Content-Type", t)
		}
		return m.Event.Data(), broker.Headers(prefix, &m.Event, set)
	}
	if err := broker.Headers(prefix, &m.Event, func(string, string) {}); err != nil {
		return nil, err
	}
	h.Set("Content-Type", broker.Structured+"; charset=UTF-8")
	return json.Marshal(m.Event)
}

// address is where a topic is. It stays below the destination.
func (p *Publisher) address(topic string) (string, error) {
	topic = strings.TrimPrefix(topic, "/")
	if topic == "" {
		return p.url.String(), nil
	}
	for part := range strings.SplitSeq(topic, "/") {
		if slices.Contains([]string{"", ".", ".."}, part) {
			return "", errTopic
		}
	}
	u := *p.url
	u.Path = strings.TrimSuffix(u.Path, "/") + "/" + topic
	u.RawPath = ""
	return u.String(), nil
}
