package log

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
)

// decode reads a message. What is none is an error that matches
// broker.ErrUndecodable.
func decode(r *cairn.Recorded) (m broker.Message, err error) {
	var about map[string]string
	if err := json.Unmarshal(r.Metadata, &about); err != nil {
		return m, fmt.Errorf("%w: the metadata does not hold the attributes of a CloudEvent", broker.ErrUndecodable)
	}
	body := slices.Clone(r.Data) // the group may hand out the event again

	// The type of the data is among the attributes.
	e, err := broker.FromHeaders(prefix, maps.All(about), "", body)
	return broker.Message{Event: e, Topic: cairn.Category(r.Stream), Key: about[keyKey]}, err
}

// letterOf is what arrived. A sink may keep it.
func letterOf(r *cairn.Recorded, err error) broker.Letter {
	l := broker.Letter{Topic: cairn.Category(r.Stream), Body: slices.Clone(r.Data), Err: err}
	if json.Unmarshal(r.Metadata, &l.Header) == nil {
		l.Key = l.Header[keyKey]
	}
	return l
}
