package rabbitmq

import (
	"encoding/json"
	"errors"
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/cairndb/cairn/broker"
)

// Attributes are headers with one of two prefixes. The first is written because
// all readers know it; the second is there for those that cannot have a colon.
const (
	prefix      = "cloudEvents:"
	otherPrefix = "cloudEvents_"
)

// keyHeader carries the key of a message. No attribute can have its name.
const keyHeader = "cairn-key"

// What a property holds at most, and what is left in the smallest frame there
// may be for properties, which are in one frame.
const (
	maxShort   = 255
	maxHeaders = 96 << 10
)

var errTopicLength = fmt.Errorf("the topic is longer than the %d bytes of a routing key", maxShort)

// encode makes what is sent of a message. Its errors are about the message.
func (o *PublisherOptions) encode(m *broker.Message) (p amqp.Publishing, err error) {
	p = amqp.Publishing{Headers: amqp.Table{}, DeliveryMode: amqp.Persistent}
	if o.Transient {
		p.DeliveryMode = amqp.Transient
	}
	size := 0
	set := func(name, value string) {
		p.Headers[name] = value
		size += len(name) + len(value) + 6
	}
	if m.Key != "" {
		set(keyHeader, m.Key)
	}
	if err := o.fill(&p, m, set); err != nil {
		return p, err
	}
	if id := m.Event.ID(); len(id) <= maxShort {
		p.MessageId = id
	}
	switch {
	case len(m.Topic) > maxShort:
		return p, errTopicLength
	case len(p.ContentType) > maxShort:
		return p, fmt.Errorf("its content type is longer than %d bytes", maxShort)
	case size > maxHeaders:
		return p, fmt.Errorf("its attributes have %d bytes, and at most %d fit into headers", size, maxHeaders)
	case len(p.Body) > o.MaxSize:
		return p, fmt.Errorf("it has %d bytes, and at most %d are allowed", len(p.Body), o.MaxSize)
	}
	return p, nil
}

// fill puts the event into body and headers.
func (o *PublisherOptions) fill(p *amqp.Publishing, m *broker.Message, set func(name, value string)) (err error) {
	if !o.Structured {
		p.ContentType, p.Body = m.Event.DataContentType(), m.Event.Data()
		return broker.Headers(prefix, &m.Event, set)
	}
	if err := broker.Headers(prefix, &m.Event, func(string, string) {}); err != nil {
		return err
	}
	p.ContentType = broker.Structured
	if p.Body, err = json.Marshal(m.Event); err != nil {
		return errors.Join(broker.ErrRejected, err)
	}
	return nil
}
