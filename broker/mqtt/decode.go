package mqtt

import (
	"github.com/eclipse/paho.golang/paho"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/lane"
)

// decode reads what has arrived.
func decode(p *paho.Publish) *lane.Arrival {
	properties := p.Properties
	if properties == nil {
		properties = &paho.PublishProperties{}
	}
	a := &lane.Arrival{Letter: broker.Letter{Topic: p.Topic, Header: map[string]string{}, Body: p.Payload}}
	for _, u := range properties.User {
		a.Letter.Header[u.Key] = u.Value
	}
	a.Letter.Key = a.Letter.Header[keyProperty]
	attributes := func(yield func(string, string) bool) {
		for _, u := range properties.User {
			if !yield(u.Key, u.Value) {
				return
			}
		}
	}
	e, err := broker.FromHeaders("", attributes, properties.ContentType, p.Payload)
	if properties.ContentType != "" {
		a.Letter.Header["content-type"] = properties.ContentType
	}
	if err != nil {
		a.Letter.Err = err
		return a
	}
	if key, ok := e.Extensions()["partitionkey"].(string); ok && a.Letter.Key == "" {
		a.Letter.Key = key
	}
	a.Message = broker.Message{Event: e, Topic: p.Topic, Key: a.Letter.Key}
	return a
}
