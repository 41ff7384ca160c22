package mqtt_test

import (
	"cmp"
	"context"
	"net"
	"net/url"
	"os"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/eclipse/paho.golang/paho"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/brokertest"
	"github.com/cairndb/cairn/broker/mqtt"
)

// address is where the tests find a broker.
func address() string { return cmp.Or(os.Getenv("CAIRN_MQTT_URL"), "mqtt://127.0.0.1:1883") }

// need skips if there is no broker.
func need(t testing.TB) {
	t.Helper()
	c, err := net.DialTimeout("tcp", host(t, address()), 5*time.Second)
	if err == nil {
		c.Close()
		return
	}
	if os.Getenv("CAIRN_REQUIRE_SERVICES") != "" {
		t.Fatal(err)
	}
	t.Skipf("no MQTT broker: %v", err)
}

func host(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

func quick(int) time.Duration { return 20 * time.Millisecond }

func publisher(t testing.TB, o mqtt.PublisherOptions) *mqtt.Publisher {
	t.Helper()
	o.URL = cmp.Or(o.URL, address())
	p, err := mqtt.NewPublisher(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := p.Close(ctx); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return p
}

// raw publishes what is no event.
func raw(t testing.TB, topic string, p *paho.Publish) {
	t.Helper()
	conn, err := net.Dial("tcp", host(t, address()))
	if err != nil {
		t.Fatal(err)
	}
	c := paho.NewClient(paho.ClientConfig{Conn: conn})
	if _, err := c.Connect(t.Context(), &paho.Connect{CleanStart: true, KeepAlive: 30}); err != nil {
		t.Fatal(err)
	}
	p.Topic, p.QoS = topic, 1
	if _, err := c.Publish(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if err := c.Disconnect(&paho.Disconnect{}); err != nil {
		t.Fatal(err)
	}
}

// forget ends a session.
func forget(t testing.TB, address, clientID string) {
	t.Helper()
	conn, err := net.Dial("tcp", host(t, address))
	if err != nil {
		return // the broker is gone, and its sessions with it
	}
	c := paho.NewClient(paho.ClientConfig{Conn: conn})
	if _, err := c.Connect(context.Background(), &paho.Connect{ClientID: clientID, CleanStart: true, KeepAlive: 30}); err == nil {
		_ = c.Disconnect(&paho.Disconnect{})
	}
}

func message(topic, id string) broker.Message {
	e := cloudevents.New()
	e.SetID(id)
	e.SetSource("https://example.com/mqtt")
	e.SetType("com.example.tested.v1")
	if err := e.SetData(cloudevents.ApplicationJSON, map[string]int{"n": 1}); err != nil {
		panic(err)
	}
	return broker.Message{Event: e, Topic: topic, Key: "k"}
}

func throwAway(context.Context, broker.Letter) error { return nil }

func open(structured bool) func(t testing.TB) brokertest.Broker {
	return func(t testing.TB) brokertest.Broker {
		need(t)
		proxy := brokertest.NewProxy(t)
		at := mqtt.Connection{URL: "mqtt://" + proxy.Address(host(t, address())), Reconnect: quick, Timeout: 5 * time.Second}
		topic := "cairn/kit/" + brokertest.Unique()
		return brokertest.Broker{
			Topic: topic,
			Line:  proxy,
			Publisher: func(t testing.TB) broker.Publisher {
				p, err := mqtt.NewPublisher(mqtt.PublisherOptions{Connection: at, Structured: structured})
				if err != nil {
					t.Fatal(err)
				}
				return p
			},
			Subscriber: func(t testing.TB, s brokertest.Subscription) broker.Subscriber {
				o := mqtt.SubscriberOptions{
					Connection: at, ClientID: topic + s.Name, Filters: []string{topic}, Workers: s.Workers, Sink: s.Sink, Backoff: quick,
				}
				if o.Sink == nil {
					o.Sink = throwAway
				}
				sub, err := mqtt.NewSubscriber(o)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { forget(t, address(), o.ClientID) })
				return sub
			},
			Garbage: func(t testing.TB, body []byte) { raw(t, topic, &paho.Publish{Payload: body}) },
		}
	}
}

// A shared subscription needs sessions of their own, which the kit does not
// know: see TestAGroupShares.
var lacks = []brokertest.Feature{brokertest.Sharing}

func TestConformance(t *testing.T) {
	t.Parallel()
	brokertest.Run(t, brokertest.Config{Open: open(false), Lacks: lacks})
}

func TestConformanceStructured(t *testing.T) {
	if testing.Short() {
		t.Skip("the same again, with the event in the payload")
	}
	t.Parallel()
	brokertest.Run(t, brokertest.Config{Open: open(true), Lacks: lacks})
}
