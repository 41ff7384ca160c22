package log

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/tracing"
)

// The keys of the metadata. The attributes of the CloudEvent are there under
// their names with a prefix.
const (
	prefix         = "ce-"
	keyContentType = "contentType"
	keyKey         = "key"
	keyCorrelation = "$correlationId"
	keyCausation   = "$causationId"
)

// validateTopic refuses a topic that is not the name of a category.
func validateTopic(field, topic string) error {
	switch {
	case topic == "":
		return &cairn.InvalidError{Field: field, Problem: "must not be empty"}
	case strings.HasPrefix(topic, "$") || strings.Contains(topic, "-"):
		return &cairn.InvalidError{Field: field, Problem: fmt.Sprintf(`%q is the name of a category, which has no "-" and does not begin with "$"`, topic)}
	}
	return cairn.ValidateStream(field, topic)
}

// streamOf is where a message goes. A key that cannot be in the name of a stream
// is hashed.
func streamOf(m *broker.Message) string {
	stream := m.Topic + "-" + m.Key
	if cairn.ValidateStream("key", stream) != nil {
		sum := sha256.Sum256([]byte(m.Key))
		return m.Topic + "-" + hex.EncodeToString(sum[:])
	}
	return stream
}

// encode makes an event of a message.
func encode(m *broker.Message) (e cairn.Event, err error) {
	if err := validateTopic("topic", m.Topic); err != nil {
		return e, err
	}
	about := map[string]string{keyKey: m.Key}
	if err := broker.Headers(prefix, &m.Event, func(name, value string) { about[name] = value }); err != nil {
		return e, err
	}
	if m.Event.DataContentType() != "" {
		about[keyContentType] = m.Event.DataContentType()
	}
	trace(&m.Event, about)
	e = cairn.Event{ID: idOf(&m.Event), Type: m.Event.Type(), Data: m.Event.Data(), Format: formatOf(&m.Event)}
	e.Metadata, err = json.Marshal(about)
	return e, err
}

// trace puts what an event belongs to where everybody looks for it.
func trace(e *cloudevents.Event, about map[string]string) {
	cause := broker.CauseOf(broker.Delivery{Message: broker.Message{Event: *e}})
	var of map[string]string
	if json.Unmarshal(cause.Metadata, &of) == nil && of[keyCorrelation] != "" {
		about[keyCorrelation] = of[keyCorrelation]
	}
	if !cause.ID.IsZero() {
		about[keyCausation] = cause.ID.String()
	}
	for _, name := range []string{tracing.KeyParent, tracing.KeyState} {
		if s, ok := e.Extensions()[name].(string); ok {
			about[name] = s
		}
	}
}

func formatOf(e *cloudevents.Event) cairn.Format {
	if kind := e.DataContentType(); kind == "" || strings.Contains(kind, "json") {
		return cairn.JSON
	}
	return cairn.Binary
}

// idOf is the same for every message of one source and ID: a UUID of version 8,
// which means that it is made by a rule of somebody's own.
func idOf(e *cloudevents.Event) (id cairn.ID) {
	sum := sha256.Sum256([]byte(e.Source() + "\x00" + e.ID()))
	copy(id[:], sum[:])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	return id
}
