package broker

import (
	"fmt"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
)

// Headers gives set the attributes of an event, as the bindings of CloudEvents
// carry them in binary mode: each as a header whose name begins with prefix,
// and whose value is the attribute as text. The data is the body, and
// datacontenttype is not given, because most bindings have a place of their own
// for it. A binding over HTTP-like headers passes values through [EscapeHeader].
//
// An event that no reader could take, because an attribute is missing or
// malformed, is an [ErrRejected] that names it, and sets nothing.
func Headers(prefix string, e *cloudevents.Event, set func(name, value string)) error {
	all, err := attributes(e)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRejected, err)
	}
	for _, a := range all {
		if a.name != "datacontenttype" {
			set(prefix+a.name, a.value)
		}
	}
	return nil
}
