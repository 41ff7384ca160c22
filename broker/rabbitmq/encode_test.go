package rabbitmq_test

import (
	"errors"
	"testing"
	"time"
	"unicode/utf8"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/rabbitmq"
)

// Others write the other prefix, and attributes as what AMQP has for them.
func TestBothPrefixesAndTheTypesOfAMQPAreRead(t *testing.T) {
	at := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	for _, prefix := range []string{"cloudEvents:", "cloudEvents_", "cloudevents_"} {
		m, l, _ := rabbitmq.Decode(amqp.Delivery{
			ContentType: "application/json", RoutingKey: "orders", Body: []byte(`{}`),
			Headers: amqp.Table{
				prefix + "specversion": "1.0", prefix + "id": []byte("1"), prefix + "source": "/s", prefix + "type": "t",
				prefix + "time": at, prefix + "sequence": int32(7), prefix + "test": true, prefix + "partitionkey": "k",
				"other": amqp.Table{"a": 1},
			},
		})
		if l.Err != nil {
			t.Fatalf("%s: %v", prefix, l.Err)
		}
		e := m.Event
		if e.ID() != "1" || !e.Time().Equal(at) || e.Extensions()["sequence"] != "7" || e.Extensions()["test"] != "true" || m.Key != "k" || m.Topic != "orders" {
			t.Errorf("%s: read %v, key %q, topic %q", prefix, e, m.Key, m.Topic)
		}
	}
}

func TestAnAttributeWithBothPrefixesIsNotRead(t *testing.T) {
	_, l, _ := rabbitmq.Decode(amqp.Delivery{Headers: amqp.Table{
		"cloudEvents:specversion": "1.0", "cloudEvents:id": "1", "cloudEvents_id": "2", "cloudEvents:source": "/s", "cloudEvents:type": "t",
	}})
	if !errors.Is(l.Err, broker.ErrUndecodable) {
		t.Errorf("got %v", l.Err)
	}
}

func TestAttemptsThatTheBrokerCounted(t *testing.T) {
	for name, c := range map[string]struct {
		d    amqp.Delivery
		want int
	}{
		"first":        {amqp.Delivery{}, 0},
		"redelivered":  {amqp.Delivery{Redelivered: true}, 1},
		"quorum queue": {amqp.Delivery{Redelivered: true, Headers: amqp.Table{"x-delivery-count": int64(3)}}, 3},
		"dead letter":  {amqp.Delivery{Headers: amqp.Table{"x-death": []any{amqp.Table{"count": int64(2)}, amqp.Table{"count": int64(1)}}}}, 3},
		"nonsense":     {amqp.Delivery{Headers: amqp.Table{"x-delivery-count": "many", "x-death": amqp.Table{}}}, 0},
		"negative":     {amqp.Delivery{Headers: amqp.Table{"x-delivery-count": int64(-5)}}, 0},
	} {
		if _, _, before := rabbitmq.Decode(c.d); before != c.want {
			t.Errorf("%s: %d, want %d", name, before, c.want)
		}
	}
}

// What is read never panics, is an event or a letter that says why not, and an
// event that is published again reads the same.
func FuzzDecode(f *testing.F) {
	f.Add("application/json", "cloudEvents:id", "1", "cloudEvents:source", "/s", int64(1), true, []byte(`{}`))
	f.Add("application/cloudevents+json", "", "", "", "", int64(1), false, []byte(`{"specversion":"1.0","id":"1","source":"/","type":"t"}`))
	f.Add("", "cloudEvents_time", "2026-05-01T10:00:00Z", "cloudEvents_type", "x", int64(-9), true, []byte{0xff})
	f.Fuzz(func(t *testing.T, contentType, n1, v1, n2, v2 string, number int64, whole bool, body []byte) {
		h := amqp.Table{n1: v1, n2: []byte(v2), "x-delivery-count": number, "x-death": []any{amqp.Table{"count": number}}}
		if whole {
			for name, value := range map[string]string{"specversion": "1.0", "id": "1", "source": "/s", "type": "t"} {
				if _, there := h["cloudEvents:"+name]; !there {
					h["cloudEvents:"+name] = value
				}
			}
			h["cloudEvents:n"] = number
		}
		m, l, before := rabbitmq.Decode(amqp.Delivery{ContentType: contentType, Headers: h, Body: body})
		if before < 0 {
			t.Fatalf("%d attempts before", before)
		}
		if l.Err != nil {
			if !errors.Is(l.Err, broker.ErrUndecodable) {
				t.Fatalf("%v is not ErrUndecodable", l.Err)
			}
			return
		}
		p, err := rabbitmq.Encode(m, false)
		if err != nil {
			if len(contentType) > 255 || len(v1)+len(v2)+len(n1)+len(n2) > 90<<10 || len(body) > 1<<20 {
				return
			}
			t.Fatalf("what was read cannot be published: %v", err)
		}
		again, l, _ := rabbitmq.Decode(amqp.Delivery{ContentType: p.ContentType, Headers: p.Headers, Body: p.Body})
		if l.Err != nil || again.Event.String() != m.Event.String() || again.Key != m.Key {
			t.Fatalf("read %v, and published again %v (%v, utf8 %v)", m.Event, again.Event, l.Err, utf8.Valid(body))
		}
	})
}
