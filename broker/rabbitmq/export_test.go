package rabbitmq

import (
	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/cairndb/cairn/broker"
)

// Decode and Encode are what the fuzz tests feed.
func Decode(d amqp.Delivery) (m broker.Message, l broker.Letter, before int) {
	a := decode(&d)
	return a.Message, a.Letter, a.Before
}

// Encode makes what is published of a message.
func Encode(m broker.Message, structured bool) (amqp.Publishing, error) {
	o := PublisherOptions{MaxSize: 1 << 20, Structured: structured}
	return o.encode(&m)
}

// SetBlocked is what the broker does when it is short of memory or disk. Other
// tests use the same broker, so that it cannot be made to.
func (p *Publisher) SetBlocked(reason string) {
	p.line.current.setBlocked(amqp.Blocking{Active: reason != "", Reason: reason})
}
