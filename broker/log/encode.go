package log

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"mime"
	"strings"
	"unicode/utf8"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/tracing"
)

// The keys of the metadata. The attributes of the CloudEvent are there under
// their names with a prefix, and nothing in it is taken for the content type of
// the event as a whole: an event whose data is an event arrives as it was sent.
const (
	prefix      = "ce-"
	keyDataType = prefix + "datacontenttype"
	keyKey      = "key"
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
	if err := validate(m); err != nil {
		return e, err
	}
	about := map[string]string{keyKey: m.Key}
	if err := broker.Headers(prefix, &m.Event, func(name, value string) { about[name] = value }); err != nil {
		return e, err
	}
	if kind := m.Event.DataContentType(); kind != "" {
		about[keyDataType] = kind
	}
	trace(&m.Event, about)
	e = cairn.Event{ID: idOf(&m.Event), Type: m.Event.Type(), Data: m.Event.Data(), Format: formatOf(&m.Event)}
	e.Metadata, err = json.Marshal(about)
	return e, err
}

// validate refuses what could be stored but would not arrive as it was.
func validate(m *broker.Message) error {
	switch {
	case !utf8.ValidString(m.Key):
		return &cairn.InvalidError{Field: "key", Problem: fmt.Sprintf("%.40q is not valid UTF-8", m.Key)}
	case strings.HasPrefix(m.Event.Type(), "$"):
		return &cairn.InvalidError{Field: "type", Problem: fmt.Sprintf("%.40q is one of the system's, as it begins with \"$\"", m.Event.Type())}
	}
	return validateTopic("topic", m.Topic)
}

// trace puts what an event belongs to where everybody looks for it. Who was no
// relay may have said it all the same.
func trace(e *cloudevents.Event, about map[string]string) {
	cause := broker.CauseOf(broker.Delivery{Message: broker.Message{Event: *e}})
	correlation, _ := cairn.Correlation(cause.Metadata)
	causation := extension(e, "causationid")
	if !cause.ID.IsZero() {
		causation = cause.ID.String()
	}
	for key, value := range map[string]string{
		cairn.CorrelationKey: correlation, cairn.CausationKey: causation,
		tracing.KeyParent: extension(e, tracing.KeyParent), tracing.KeyState: extension(e, tracing.KeyState),
	} {
		if value != "" {
			about[key] = value
		}
	}
}

func extension(e *cloudevents.Event, name string) string {
	s, _ := e.Extensions()[name].(string)
	return s
}

// formatOf is what the content type says. Without one, data is JSON unless it is
// marked as bytes.
func formatOf(e *cloudevents.Event) cairn.Format {
	kind := e.DataContentType()
	media, _, _ := mime.ParseMediaType(kind) // empty if it is malformed
	if kind == "" && !e.DataBase64 || media == "application/json" || media == "text/json" || strings.HasSuffix(media, "+json") {
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
