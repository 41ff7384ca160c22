package broker

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/cloudevents/sdk-go/v2/types"
)

// Structured is the content type of an event that is in the body as a whole.
const Structured = "application/cloudevents+json"

// FromHeaders reads an event: from the body as a whole if contentType is
// [Structured], and from the headers otherwise, whose names begin with prefix
// in any mixture of cases. The event keeps body as its data.
//
// A binding over HTTP-like headers passes on values that went through
// [UnescapeHeader]. With an empty prefix, headers whose names no attribute can
// have are passed over.
//
// What is not an event of version 1.0 is an [ErrUndecodable] that says why.
func FromHeaders(prefix string, get iter.Seq2[string, string], contentType string, body []byte) (e cloudevents.Event, err error) {
	media := mediaType(contentType)
	switch {
	case media == Structured:
		e, err = structured(body)
	case strings.HasPrefix(media, "application/cloudevents"):
		err = fmt.Errorf("the format %q is not supported", media)
	default:
		e, err = binary(prefix, get, contentType, body)
	}
	if err == nil {
		_, err = attributes(&e)
	}
	if err != nil {
		return cloudevents.Event{}, fmt.Errorf("%w: %w", ErrUndecodable, err)
	}
	return e, nil
}

// binary reads an event whose attributes are headers.
func binary(prefix string, get iter.Seq2[string, string], contentType string, body []byte) (cloudevents.Event, error) {
	found := make(map[string]any, 8)
	for header, value := range get {
		if len(header) < len(prefix) || !strings.EqualFold(header[:len(prefix)], prefix) {
			continue
		}
		name := strings.ToLower(header[len(prefix):])
		if prefix == "" && !named(name) {
			continue
		}
		if _, twice := found[name]; twice {
			return cloudevents.Event{}, fmt.Errorf("header %q is there twice", header)
		}
		found[name] = value
	}
	if contentType != "" {
		found["datacontenttype"] = contentType
	}
	return build(found, body)
}

// build makes an event of its attributes and its data.
func build(found map[string]any, data []byte) (e cloudevents.Event, err error) {
	switch v := found["specversion"]; v {
	case nil:
		return e, errors.New("it has no specversion")
	case cloudevents.CloudEventsVersionV1:
		delete(found, "specversion")
	default:
		return e, fmt.Errorf("specversion %q is not known, 1.0 is", v)
	}
	c := &cloudevents.EventContextV1{}
	for name, value := range found {
		if err := setAttribute(c, name, value); err != nil {
			return e, fmt.Errorf("attribute %q: %w", name, flat(err))
		}
	}
	e.Context = c
	if len(data) > 0 {
		e.DataEncoded, e.DataBase64 = data, !isJSON(c.DataContentType) && !utf8.Valid(data)
	}
	return e, nil
}

// setAttribute sets one attribute. What it does not know is an extension.
func setAttribute(c *cloudevents.EventContextV1, name string, value any) error {
	s, isText := value.(string)
	if !isText && defined[name] {
		return errors.New("it must be a string")
	}
	switch name {
	case "id":
		c.ID = s
	case "type":
		c.Type = s
	case "source":
		return c.SetSource(s)
	case "subject":
		return c.SetSubject(s)
	case "time":
		return setTime(c, s)
	case "dataschema":
		return c.SetDataSchema(s)
	case "datacontenttype":
		return c.SetDataContentType(s)
	default:
		return c.SetExtension(name, value)
	}
	return nil
}

// defined are the attributes that the specification itself defines, but for the
// one that says which specification.
var defined = map[string]bool{
	"id": true, "type": true, "source": true, "subject": true, "time": true, "dataschema": true, "datacontenttype": true,
}

// setTime sets the time, which an event need not have.
func setTime(c *cloudevents.EventContextV1, s string) error {
	t, err := types.ParseTimestamp(s)
	c.Time = t
	return err
}
