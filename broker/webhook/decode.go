package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/lane"
)

// batched is the content type of a list of events.
const batched = "application/cloudevents-batch+json"

var errNotBatch = errors.New("the body is not a JSON array")

// decode reads what a request carries: one event, or a batch of them.
func decode(path string, h http.Header, body []byte) []*lane.Arrival {
	contentType := h.Get("Content-Type")
	letter := broker.Letter{
		Topic: strings.TrimPrefix(path, "/"), Key: broker.UnescapeHeader(h.Get(keyHeader)), Header: flatten(h), Body: body,
	}
	if media, _, err := mime.ParseMediaType(contentType); err != nil || media != batched {
		return []*lane.Arrival{arrival(letter, attributes(h), contentType)}
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(body, &parts); err != nil {
		letter.Err = fmt.Errorf("%w: %w: %w", broker.ErrUndecodable, errNotBatch, err)
		return []*lane.Arrival{{Letter: letter}}
	}
	all := make([]*lane.Arrival, len(parts))
	for i, part := range parts {
		one := letter
		one.Body = part
		all[i] = arrival(one, func(func(string, string) bool) {}, broker.Structured)
	}
	return all
}

// arrival reads one event.
func arrival(l broker.Letter, attributes func(func(string, string) bool), contentType string) *lane.Arrival {
	e, err := broker.FromHeaders(prefix, attributes, contentType, l.Body)
	if err != nil {
		l.Err = err
		return &lane.Arrival{Letter: l}
	}
	if key, ok := e.Extensions()["partitionkey"].(string); ok && l.Key == "" {
		l.Key = key
	}
	return &lane.Arrival{Letter: l, Message: broker.Message{Event: e, Topic: l.Topic, Key: l.Key}}
}

func attributes(h http.Header) func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for name, values := range h {
			for _, v := range values {
				if !yield(name, broker.UnescapeHeader(v)) {
					return
				}
			}
		}
	}
}

// secret headers stay out of letters, which are kept and looked at.
var secret = []string{"Authorization", "Cookie", "Proxy-Authorization", "Webhook-Signature"}

func flatten(h http.Header) map[string]string {
	flat := make(map[string]string, len(h))
	for name, values := range maps.All(h) {
		if !slices.Contains(secret, name) {
			flat[strings.ToLower(name)] = strings.Join(values, ", ")
		}
	}
	return flat
}
