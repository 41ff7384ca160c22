package tracing

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/cairndb/cairn"
)

// stamp is an event's metadata with the context of a trace in front of its
// other keys, whose bytes stay as they are. It is the metadata itself if that
// cannot carry one, or does already.
func stamp(e *cairn.Event, parent, state string) []byte {
	if strings.HasPrefix(e.Type, "$") || !room(e, parent, state) {
		return e.Metadata
	}
	if len(e.Metadata) == 0 {
		return append(members(parent, state), '}')
	}
	var all map[string]json.RawMessage
	if json.Unmarshal(e.Metadata, &all) != nil || all == nil {
		return e.Metadata
	}
	if all[KeyParent] != nil || all[KeyState] != nil {
		return e.Metadata
	}
	inside := e.Metadata[bytes.IndexByte(e.Metadata, '{')+1:]
	stamped := members(parent, state)
	if len(all) > 0 {
		stamped = append(stamped, ',')
	}
	return append(stamped, inside...)
}

// members begins a JSON object with the context.
func members(parent, state string) []byte {
	b := append([]byte(`{"`+KeyParent+`":`), quoted(parent)...)
	if state != "" {
		b = append(append(b, `,"`+KeyState+`":`...), quoted(state)...)
	}
	return slices.Grow(b, 1)
}

func quoted(s string) []byte {
	b, _ := json.Marshal(s) // a string always can
	return b
}

// room reports whether the event stays within the limit of the store.
func room(e *cairn.Event, parent, state string) bool {
	const around = 64 // the keys, quotes and escapes, generously
	size := len(e.Data) + len(e.Metadata) + len(parent) + 2*len(state) + around
	for _, tag := range e.Tags {
		size += len(tag)
	}
	return size <= cairn.MaxEventSize
}
