package webhook_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/brokertest"
	"github.com/cairndb/cairn/broker/webhook"
)

var (
	oldSecret = "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("old."), 8))
	newSecret = "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("new."), 8))
)

func quick(int) time.Duration { return 10 * time.Millisecond }

// what the kit cannot ask of HTTP: nobody keeps a message while nobody listens,
// and one URL is one receiver.
var lacks = []brokertest.Feature{brokertest.Durable, brokertest.Sharing}

func open(binary bool) func(t testing.TB) brokertest.Broker {
	return func(t testing.TB) brokertest.Broker {
		var handler http.Handler
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
		t.Cleanup(server.Close)
		proxy := brokertest.NewProxy(t)
		o := webhook.PublisherOptions{
			URL: "http://" + proxy.Address(server.Listener.Addr().String()), Binary: binary, Secrets: []string{newSecret},
			AllowPlain: true, AllowPrivate: true, MaxSize: 1 << 20, Concurrent: 64, Pause: 20 * time.Millisecond,
		}
		topic := "tested"
		var current *webhook.Subscriber
		handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if current == nil {
				http.Error(w, "nobody", http.StatusBadGateway)
				return
			}
			current.ServeHTTP(w, r)
		})
		return brokertest.Broker{
			Topic: topic, Line: proxy, TooLarge: 1<<20 + 1,
			Publisher: func(t testing.TB) broker.Publisher { return publisher(t, o) },
			Subscriber: func(t testing.TB, s brokertest.Subscription) broker.Subscriber {
				current = subscriber(t, webhook.SubscriberOptions{
					Secrets: []string{newSecret}, MaxSize: 2 << 20, Workers: s.Workers, Sink: s.Sink, Attempts: 5, Backoff: quick,
				})
				return current
			},
			Garbage: func(t testing.TB, body []byte) {
				if status := post(t, server.URL+"/"+topic, newSecret, body, nil); status != http.StatusNoContent {
					t.Errorf("garbage that a sink takes was answered with %d", status)
				}
			},
		}
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	brokertest.Run(t, brokertest.Config{Open: open(false), Lacks: lacks})
}

func TestConformanceBinary(t *testing.T) {
	t.Parallel()
	brokertest.Run(t, brokertest.Config{Open: open(true), Lacks: lacks})
}

func publisher(t testing.TB, o webhook.PublisherOptions) *webhook.Publisher {
	t.Helper()
	p, err := webhook.NewPublisher(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return p
}

func subscriber(t testing.TB, o webhook.SubscriberOptions) *webhook.Subscriber {
	t.Helper()
	s, err := webhook.NewSubscriber(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func message(id string) broker.Message {
	e := cloudevents.New()
	e.SetID(id)
	e.SetSource("https://example.com/webhook")
	e.SetType("com.example.tested.v1")
	if err := e.SetData(cloudevents.ApplicationJSON, map[string]int{"n": 1}); err != nil {
		panic(err)
	}
	return broker.Message{Event: e, Key: "k"}
}

// refused wants an error of a kind that says something.
func refused(t *testing.T, err, kind error, word string) {
	t.Helper()
	if _, ok := errors.AsType[*broker.PublishError](err); !ok {
		t.Errorf("got %v, and not a PublishError", err)
		return
	}
	for _, k := range []error{broker.ErrUnavailable, broker.ErrRejected} {
		if errors.Is(err, k) != (k == kind) {
			t.Errorf("got %v, which should match %v only", err, kind)
		}
	}
	if !strings.Contains(err.Error(), word) {
		t.Errorf("got %q, without %q", err, word)
	}
}
