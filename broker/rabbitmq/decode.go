package rabbitmq

import (
	"fmt"
	"maps"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/lane"
)

// decode reads what has arrived.
func decode(d *amqp.Delivery) *lane.Arrival {
	header := texts(d.Headers)
	a := &lane.Arrival{
		Before: attemptsBefore(d),
		Letter: broker.Letter{Topic: d.RoutingKey, Key: header[keyHeader], Header: header, Body: d.Body},
	}
	attributes := func(yield func(string, string) bool) {
		for name, value := range maps.All(header) {
			if rest, ok := cutPrefix(name, otherPrefix); ok {
				name = prefix + rest
			}
			if !yield(name, value) {
				return
			}
		}
	}
	e, err := broker.FromHeaders(prefix, attributes, d.ContentType, d.Body)
	if err != nil {
		a.Letter.Err = err
	}
	if key, ok := e.Extensions()["partitionkey"].(string); ok && a.Letter.Key == "" && err == nil {
		a.Letter.Key = key
	}
	if d.ContentType != "" {
		header["content-type"] = d.ContentType
	}
	a.Message = broker.Message{Event: e, Topic: d.RoutingKey, Key: a.Letter.Key}
	return a
}

func cutPrefix(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// texts are the headers as text. Those that are tables or lists, like the history
// of a dead letter, are written as Go prints them.
func texts(t amqp.Table) map[string]string {
	all := make(map[string]string, len(t))
	for name, value := range t {
		switch v := value.(type) {
		case nil:
		case string:
			all[name] = v
		case []byte:
			all[name] = string(v)
		case time.Time:
			all[name] = v.UTC().Format(time.RFC3339Nano)
		default:
			all[name] = fmt.Sprint(v)
		}
	}
	return all
}

// attemptsBefore is how often the broker says it has delivered this already: a
// quorum queue counts, a dead-letter exchange keeps a history, and any queue at
// least knows that it was not the first time.
func attemptsBefore(d *amqp.Delivery) int {
	n := int(number(d.Headers["x-delivery-count"]))
	if n == 0 && d.Redelivered {
		n = 1
	}
	deaths, _ := d.Headers["x-death"].([]any)
	for _, one := range deaths {
		if death, ok := one.(amqp.Table); ok {
			n += int(number(death["count"]))
		}
	}
	return min(max(n, 0), 1<<20)
}

// number reads an integer of any width. Anything else, or a number that nobody
// counts to, is zero.
func number(v any) (n int64) {
	switch v := v.(type) {
	case int64:
		n = v
	case int32:
		n = int64(v)
	case int16:
		n = int64(v)
	case int8:
		n = int64(v)
	case uint8:
		n = int64(v)
	case int:
		n = int64(v)
	}
	return min(max(n, 0), 1<<20)
}
