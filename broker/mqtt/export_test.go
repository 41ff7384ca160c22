package mqtt

import (
	"github.com/eclipse/paho.golang/paho"

	"github.com/cairndb/cairn/broker"
)

// Decode reads what has arrived.
func Decode(p *paho.Publish) (broker.Message, broker.Letter) {
	a := decode(p)
	return a.Message, a.Letter
}

// Encode makes what is sent.
func Encode(m broker.Message, structured bool) (*paho.Publish, error) {
	o := PublisherOptions{Structured: structured}
	return o.encode(&m)
}

// Granted judges what a broker grants.
func Granted(codes []byte) error { return granted(codes) }
