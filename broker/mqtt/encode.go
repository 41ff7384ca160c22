package mqtt

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/eclipse/paho.golang/paho"

	"github.com/cairndb/cairn/broker"
)

// keyProperty carries the key of a message. No attribute can have its name.
const keyProperty = "cairn-key"

// maxString is how long anything is that MQTT has as a string.
const maxString = math.MaxUint16

var errTopic = errors.New("its topic must be 1 to 65,535 bytes of text, without + and # and the null character")

// encode makes what is sent of a message. Its errors are about the message.
func (o *PublisherOptions) encode(m *broker.Message) (*paho.Publish, error) {
	if m.Topic == "" || len(m.Topic) > maxString || strings.ContainsAny(m.Topic, "+#\x00") || !utf8.ValidString(m.Topic) {
		return nil, errTopic
	}
	p := &paho.Publish{Topic: m.Topic, QoS: 1, Properties: &paho.PublishProperties{}}
	if o.Expiry > 0 {
		seconds := uint32(min((o.Expiry+time.Second-1)/time.Second, math.MaxUint32))
		p.Properties.MessageExpiry = &seconds
	}
	if err := o.fill(p, m); err != nil {
		return nil, err
	}
	if m.Key != "" {
		p.Properties.User.Add(keyProperty, m.Key)
	}
	for _, u := range p.Properties.User {
		if len(u.Value) > maxString || len(u.Key) > maxString || !utf8.ValidString(u.Value) {
			return nil, fmt.Errorf("its %s must be text of at most %d bytes", u.Key, maxString)
		}
	}
	if len(p.Properties.ContentType) > maxString {
		return nil, fmt.Errorf("its content type must have at most %d bytes", maxString)
	}
	return p, nil
}

// fill puts the event into payload and properties.
func (o *PublisherOptions) fill(p *paho.Publish, m *broker.Message) (err error) {
	set := func(name, value string) { p.Properties.User.Add(name, value) }
	if !o.Structured {
		p.Properties.ContentType, p.Payload = m.Event.DataContentType(), m.Event.Data()
		return broker.Headers("", &m.Event, set)
	}
	if err := broker.Headers("", &m.Event, func(string, string) {}); err != nil {
		return err
	}
	p.Properties.ContentType = broker.Structured
	p.Payload, err = json.Marshal(m.Event)
	return err
}

// size is how many bytes a packet has.
func size(p *paho.Publish) (n int64) {
	n, _ = p.Packet().WriteTo(discard{}) // nothing can go wrong there
	return n
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
