package kafka

import (
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/cairndb/cairn/broker"
)

const (
	prefix      = "ce_"
	contentType = "content-type"
)

// encode makes a record of CloudEvents' binding to Kafka, in binary mode.
func encode(m *broker.Message) (*kgo.Record, error) {
	r := &kgo.Record{Topic: m.Topic, Value: m.Event.Data(), Headers: make([]kgo.RecordHeader, 0, 10)}
	values := make([]byte, 0, 192)
	set := func(name, value string) {
		begin := len(values)
		values = append(values, value...)
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: name, Value: values[begin:len(values):len(values)]})
	}
	if err := broker.Headers(prefix, &m.Event, set); err != nil {
		return nil, err
	}
	if t := m.Event.DataContentType(); t != "" {
		set(contentType, t)
	}
	if m.Key != "" {
		r.Key = []byte(m.Key)
	}
	return r, nil
}

// decode reads a record.
func decode(r *kgo.Record) (out broker.Message, err error) {
	out = broker.Message{Topic: r.Topic, Key: string(r.Key)}
	var media string
	values := func(yield func(string, string) bool) {
		for _, h := range r.Headers {
			if !yield(h.Key, string(h.Value)) {
				return
			}
		}
	}
	for name, value := range values {
		if strings.EqualFold(name, contentType) {
			media = value
		}
	}
	out.Event, err = broker.FromHeaders(prefix, values, media, r.Value)
	if key, ok := out.Event.Extensions()["partitionkey"].(string); err == nil && ok && out.Key == "" {
		out.Key = key
	}
	return out, err
}

// letter is a record as it arrived.
func letter(r *kgo.Record, err error) broker.Letter {
	l := broker.Letter{Topic: r.Topic, Key: string(r.Key), Header: make(map[string]string, len(r.Headers)), Body: r.Value, Err: err}
	for _, h := range r.Headers {
		l.Header[h.Key] = string(h.Value)
	}
	return l
}
