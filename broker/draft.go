package broker

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/cloudevents/sdk-go/v2/types"

	"github.com/cairndb/cairn"
)

// A Draft is an integration event as a [Mapping] makes it, usually by
// [EventType.Draft]. What is left empty follows from the domain event and the
// contract: see [Contract.Map].
type Draft struct {
	Type string // registered in the contract
	Data any    // of the type that is registered

	Subject string // what it is about
	Source  string // in whose name
	Topic   string // where it goes
	Key     string // what keeps its order

	// Extensions are added to those that every event has, and win.
	Extensions map[string]string
}

// An origin is what all messages that come of one domain event have in common.
type origin struct {
	id         string
	time       types.Timestamp
	subject    string
	key        string
	extensions map[string]string
}

func originOf(e *cairn.Recorded, key string) *origin {
	o := &origin{id: e.ID.String(), subject: strings.TrimSpace(e.Stream), key: key, extensions: carried(&e.Event)}
	o.time = types.Timestamp{Time: e.Time.UTC().Round(0)}
	return o
}

// message makes a message of a draft, the i-th of its origin.
func (c *Contract) message(m *Message, o *origin, i int, d *Draft) error {
	t := c.entries[d.Type]
	switch {
	case d.Type == "":
		return errors.New("it has no type")
	case t == nil:
		return errors.New("its type is not registered in the contract")
	case reflect.TypeOf(d.Data) != t.Data:
		return fmt.Errorf("its data is a %T, and %v is registered", d.Data, t.Data)
	}
	data, err := json.Marshal(d.Data)
	if err != nil {
		return fmt.Errorf("its data cannot be encoded: %w", err)
	}
	m.Topic, m.Key = or(d.Topic, t.Topic), c.keyOf(o, t, d)
	about, err := c.context(o, i, d, m.Key)
	m.Event = cloudevents.Event{Context: about, DataEncoded: data}
	return err
}

func (c *Contract) keyOf(o *origin, t *entry, d *Draft) string {
	if d.Key == "" && t.key != nil {
		return t.key(d.Data)
	}
	return or(d.Key, o.key)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

var contentType = cloudevents.ApplicationJSON // never changes; all events point to it

// context is all of an event but its data.
func (c *Contract) context(o *origin, i int, d *Draft, key string) (*cloudevents.EventContextV1, error) {
	about := &cloudevents.EventContextV1{ID: o.id + "." + strconv.Itoa(i), Source: c.source, Type: d.Type}
	about.DataContentType = &contentType
	subject := or(d.Subject, o.subject)
	if !o.time.Equal(time.Time{}) {
		about.Time = &o.time
	}
	if !textual(subject) {
		return nil, fmt.Errorf("its subject %q has characters that CloudEvents does not allow", subject)
	}
	if subject != "" {
		about.Subject = &subject
	}
	if d.Source != "" {
		u, err := parseSource(d.Source)
		if err != nil {
			return nil, err
		}
		about.Source = types.URIRef{URL: *u}
	}
	extensions, err := extensionsOf(o, d, key)
	about.Extensions = extensions
	return about, err
}

// extensionsOf are the origin's, the key, and the draft's own.
func extensionsOf(o *origin, d *Draft, key string) (map[string]any, error) {
	all := make(map[string]any, len(o.extensions)+len(d.Extensions)+1)
	for name, v := range o.extensions {
		all[name] = v
	}
	if !textual(key) {
		return nil, fmt.Errorf("its key %q has characters that CloudEvents does not allow", key)
	}
	if key != "" {
		all[extensionKey] = key
	}
	for name, v := range d.Extensions {
		if !cloudevents.IsExtensionNameValid(name) || strings.ToLower(name) != name || reserved[name] {
			return nil, fmt.Errorf("%q is no name for an extension: a to z and 0 to 9, and no attribute of CloudEvents", name)
		}
		if !textual(v) {
			return nil, fmt.Errorf("the extension %q has characters that CloudEvents does not allow", name)
		}
		all[name] = v
	}
	return all, nil
}

var reserved = map[string]bool{
	"specversion": true, "id": true, "source": true, "type": true, "datacontenttype": true,
	"dataschema": true, "subject": true, "time": true, "data": true,
}
