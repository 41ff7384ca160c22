package broker

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cairndb/cairn"
)

// maxEventType is how many bytes the name of an integration event has at most.
const maxEventType = 256

// An EventType is one type of integration event, a line of a [Contract]: its
// name, and T, whose JSON is its data.
//
//	var OrderPlaced = broker.EventType[PlacedV1]{
//		Name: "com.example.order.placed.v1", Topic: "orders",
//		Description: "A customer has placed an order.",
//	}
//
// Others depend on the name and on every field of T. What changes beyond new
// fields that may be missing is a new type with a new name.
type EventType[T any] struct {
	// Name is the CloudEvents type: what happened, whose it is, and a version.
	Name string

	// Topic is where such events go, in the words of the broker. Empty means the
	// publisher's default.
	Topic string

	// Description is for those who read the contract.
	Description string

	// Key keeps the order: messages of one key arrive in order. Nil means the
	// key of the domain event in its relay, which is its stream unless the relay
	// says otherwise. If it is anything else, [RelayOptions] should have a Group
	// with a like Key, for a relay keeps the order of its own keys only.
	Key func(T) string

	// Example is for those who read the contract.
	Example *T
}

// Draft is an event of this type, for a [Mapping] to return.
func (t EventType[T]) Draft(data T) Draft { return Draft{Type: t.Name, Data: data} }

// Decode reads the data of an event. Its error is an [*EventError] that matches
// [ErrUndecodable].
func (t EventType[T]) Decode(d Delivery) (data T, err error) {
	e := &d.Event
	if e.Type() != t.Name {
		return data, undecodable(e, fmt.Errorf("it is not of type %q", t.Name))
	}
	if m := e.DataMediaType(); m != "" && m != "application/json" && !strings.HasSuffix(m, "+json") {
		return data, undecodable(e, fmt.Errorf("its data is %q, and JSON is expected", m))
	}
	b := e.Data()
	if len(b) == 0 && reflect.TypeFor[T]() == reflect.TypeFor[struct{}]() {
		return data, nil
	}
	if err := json.Unmarshal(b, &data); err != nil {
		return data, undecodable(e, err)
	}
	return data, nil
}

// A Registered is an [EventType] of any T.
type Registered interface{ entry() (*entry, error) }

// An entry is an event type whose T is forgotten.
type entry struct {
	EventTypeInfo
	key func(any) string // nil for the relay's
}

// EventTypeInfo describes an event type to those who describe contracts.
type EventTypeInfo struct {
	Name, Topic, Description string

	Data    reflect.Type // of which the data is the JSON
	Example any          // nil if there is none
	Keyed   bool         // it has a key of its own
}

func (t EventType[T]) entry() (*entry, error) {
	e := &entry{EventTypeInfo: EventTypeInfo{
		Name: t.Name, Topic: t.Topic, Description: t.Description,
		Data: reflect.TypeFor[T](), Keyed: t.Key != nil,
	}}
	if t.Example != nil {
		e.Example = *t.Example
	}
	if t.Key != nil {
		e.key = func(v any) string { return t.Key(v.(T)) }
	}
	return e, e.validate()
}

func (e *entry) validate() error {
	if problem := unnamable(e.Name); problem != "" {
		return &cairn.InvalidError{Field: "name", Problem: problem, Limit: maxEventType}
	}
	switch k := e.Data.Kind(); k {
	case reflect.Pointer, reflect.Interface:
		return &cairn.InvalidError{Field: "data of " + e.Name, Problem: fmt.Sprintf("is %v, and must be the type itself", e.Data)}
	}
	if _, err := json.Marshal(reflect.Zero(e.Data).Interface()); err != nil {
		return &cairn.InvalidError{Field: "data of " + e.Name, Problem: "cannot be JSON: " + err.Error()}
	}
	return nil
}

// unnamable says what is wrong with the name of an event type.
func unnamable(name string) string {
	strange := func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }
	switch {
	case name == "":
		return "must not be empty"
	case len(name) > maxEventType:
		return "is longer than 256 bytes"
	case !utf8.ValidString(name) || strings.ContainsFunc(name, strange):
		return fmt.Sprintf("%q has characters that are not printable, or spaces", name)
	}
	return ""
}
