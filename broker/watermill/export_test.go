package watermill

import (
	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/cairndb/cairn/broker"
)

// Decode reads what has arrived.
func Decode(m *message.Message) (broker.Message, broker.Letter) {
	o := SubscriberOptions{Topic: "topic", Prefix: DefaultPrefix}
	a := o.decode(m)
	return a.Message, a.Letter
}

// Encode makes what is handed over.
func Encode(m broker.Message) (*message.Message, error) {
	o := PublisherOptions{Prefix: DefaultPrefix}
	return o.encode(&m)
}
