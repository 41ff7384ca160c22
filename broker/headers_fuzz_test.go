package broker_test

import (
	"bytes"
	"errors"
	"maps"
	"strings"
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/cairndb/cairn/broker"
)

// FuzzFromHeaders reads anything. What is taken for an event must come back the
// same when it is sent on.
func FuzzFromHeaders(f *testing.F) {
	f.Add("ce-id=1\nce-source=/s\nce-type=t\nce-specversion=1.0\nce-time=2026-01-01T00:00:00Z", "text/plain", []byte("x"))
	f.Add("", broker.Structured, []byte(`{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":"AA==","n":1}`))
	f.Add("", broker.Structured, []byte(`{"data_base64":5,"specversion":"1.0"}`))
	f.Fuzz(func(t *testing.T, headers, contentType string, body []byte) {
		lines := func(yield func(string, string) bool) {
			for line := range strings.SplitSeq(headers, "\n") {
				if name, value, _ := strings.Cut(line, "="); !yield(name, value) {
					return
				}
			}
		}
		e, err := broker.FromHeaders("ce-", lines, contentType, body)
		if err != nil {
			if !errors.Is(err, broker.ErrUndecodable) {
				t.Fatalf("not an ErrUndecodable: %v", err)
			}
			return
		}
		same(t, e)
	})
}

// FuzzHeadersRoundTrip sends events as their makers would write them.
func FuzzHeadersRoundTrip(f *testing.F) {
	f.Add("1", "/s", "t", "größer \"x\" %41", "v", []byte("x"))
	f.Fuzz(func(t *testing.T, id, source, kind, subject, extension string, data []byte) {
		e := cloudevents.New()
		e.SetID(id)
		e.SetSource(source)
		e.SetType(kind)
		e.SetSubject(subject)
		e.SetExtension("ext", extension)
		e.DataEncoded = data
		if broker.Headers("", &e, func(string, string) {}) == nil {
			same(t, e)
		}
	})
}

// same sends an event over escaped headers and compares what arrives.
func same(t *testing.T, e cloudevents.Event) {
	sent, escaped := wire(t, "ce-", e), map[string]string{}
	for name, value := range sent {
		if escaped[name] = broker.EscapeHeader(value); broker.UnescapeHeader(escaped[name]) != value {
			t.Fatalf("%q was escaped as %q", value, escaped[name])
		}
	}
	got, err := broker.FromHeaders("ce-", unescaped(escaped), e.DataContentType(), e.Data())
	if err != nil {
		t.Fatalf("sent on, it is no event: %v", err)
	}
	if arrived := wire(t, "ce-", got); !maps.Equal(arrived, sent) || !bytes.Equal(got.Data(), e.Data()) {
		t.Fatalf("sent %v\n got %v", sent, arrived)
	}
}

func unescaped(m map[string]string) func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for name, value := range m {
			if !yield(name, broker.UnescapeHeader(value)) {
				return
			}
		}
	}
}
