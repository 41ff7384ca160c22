package nats

import (
	"strings"

	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/cairndb/cairn/broker"
)

const (
	prefix = "ce-"

	// headerKey carries a message's key, for which the binding has no place.
	headerKey = "Cairn-Key"

	headerDataType    = "ce-datacontenttype"
	headerContentType = "Content-Type"
)

// encode makes a message of CloudEvents' binding to NATS, in binary mode.
func encode(m *broker.Message) (*client.Msg, error) {
	e := &m.Event
	header, values := make(client.Header, 12), make([]string, 0, 12)
	set := func(name, value string) {
		values = append(values, broker.EscapeHeader(value))
		header[name] = values[len(values)-1 : len(values) : len(values)]
	}
	if err := broker.Headers(prefix, e, set); err != nil {
		return nil, err
	}
	if t := e.DataContentType(); t != "" {
		set(headerDataType, t)
	}
	if m.Key != "" {
		set(headerKey, m.Key)
	}
	header[jetstream.MsgIDHeader] = []string{header[prefix+"source"][0] + " " + header[prefix+"id"][0]}
	return &client.Msg{Subject: m.Topic, Header: header, Data: e.Data()}, nil
}

// decode reads a message. What has no headers of an event is one as a whole, as
// it is from senders without headers.
func decode(m *client.Msg) (out broker.Message, err error) {
	out = broker.Message{Topic: m.Subject, Key: broker.UnescapeHeader(find(m.Header, headerKey))}
	contentType := find(m.Header, headerContentType)
	switch {
	case strings.HasPrefix(strings.ToLower(contentType), "application/cloudevents"):
	case find(m.Header, prefix+"specversion") == "":
		contentType = broker.Structured
	default:
		contentType = "" // the binding has the type of the data among the attributes
	}
	out.Event, err = broker.FromHeaders(prefix, values(m.Header), contentType, m.Data)
	if key, ok := out.Event.Extensions()["partitionkey"].(string); err == nil && ok && out.Key == "" {
		out.Key = key
	}
	return out, err
}

// find looks for a header in any mixture of cases.
func find(h client.Header, name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	for n, v := range h {
		if len(v) > 0 && strings.EqualFold(n, name) {
			return v[0]
		}
	}
	return ""
}

// values yields headers as they were before they were escaped.
func values(h client.Header) func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for name, all := range h {
			for _, v := range all {
				if !yield(name, broker.UnescapeHeader(v)) {
					return
				}
			}
		}
	}
}

// letter is a message as it arrived.
func letter(m *client.Msg, key string, err error) broker.Letter {
	l := broker.Letter{Topic: m.Subject, Key: key, Header: make(map[string]string, len(m.Header)), Body: m.Data, Err: err}
	for name := range m.Header {
		l.Header[name] = find(m.Header, name)
	}
	return l
}

// publishable tells whether a subject is one that can be published to.
func publishable(subject string) bool {
	for token := range strings.SplitSeq(subject, ".") {
		if token == "" || strings.ContainsAny(token, "*> \t\r\n\f") {
			return false
		}
	}
	return true
}
