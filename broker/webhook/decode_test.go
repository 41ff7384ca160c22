package webhook_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/webhook"
)

// Whatever comes is events, or letters that say why not, and never less than
// there was.
func FuzzDecode(f *testing.F) {
	f.Add("application/cloudevents+json", "Ce-Id", "1", []byte(event))
	f.Add("application/cloudevents-batch+json", "Ce-Id", "1", []byte("["+event+"]"))
	f.Add("application/json", "Ce-Subject", "%E2%82%AC", []byte(`{}`))
	f.Add("text/plain; charset=\"", "Cairn-Key", "%", []byte{0xff})
	f.Fuzz(func(t *testing.T, contentType, name, value string, body []byte) {
		h := http.Header{"Ce-Specversion": {"1.0"}, "Ce-Id": {"1"}, "Ce-Source": {"/s"}, "Ce-Type": {"t"}, "Content-Type": {contentType}}
		h.Add(name, value)
		messages, letters := webhook.Decode(h, body)
		for _, l := range letters {
			if !errors.Is(l.Err, broker.ErrUndecodable) {
				t.Fatalf("a letter says %v", l.Err)
			}
		}
		for _, m := range messages {
			if err := m.Event.Validate(); err != nil || m.Topic != "topic" {
				t.Fatalf("%v of topic %q: %v", m.Event, m.Topic, err)
			}
			if err := broker.Headers("", &m.Event, func(string, string) {}); err != nil {
				t.Fatalf("what was read cannot be sent: %v", err)
			}
		}
	})
}

func TestLettersHaveNoSecrets(t *testing.T) {
	t.Parallel()
	_, letters := webhook.Decode(http.Header{"Authorization": {"secret"}, "Cookie": {"secret"}, "X": {"1", "2"}}, nil)
	if len(letters) != 1 || len(letters[0].Header) != 1 || letters[0].Header["x"] != "1, 2" {
		t.Errorf("the letters are %+v", letters)
	}
}
