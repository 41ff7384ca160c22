package broker

import (
	"bytes"
	"encoding/json"
	"unicode"
	"unicode/utf8"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/tracing"
)

// The extensions of CloudEvents that every event of a relay has if its domain
// event says so.
const (
	extensionKey         = "partitionkey"
	extensionCorrelation = "correlationid"
	extensionCausation   = "causationid"
)

// The keys of an event's metadata for what caused it.
const (
	metadataCorrelation = "$correlationId"
	metadataCausation   = "$causationId"
)

// carried is what the metadata of a domain event says about where it comes from:
// its trace, what it belongs to and what caused it.
func carried(e *cairn.Event) map[string]string {
	if len(e.Metadata) == 0 {
		return nil
	}
	all := map[string]string{}
	if sc := tracing.ContextOf(e); sc.IsValid() {
		all[tracing.KeyParent] = "00-" + sc.TraceID().String() + "-" + sc.SpanID().String() + "-" + sc.TraceFlags().String()
		if state := sc.TraceState().String(); state != "" {
			all[tracing.KeyState] = state
		}
	}
	correlate(e, all)
	return all
}

// correlate adds what an event belongs to, and what caused it. What is not a
// string there, or none that CloudEvents allows, means nothing to it.
func correlate(e *cairn.Event, all map[string]string) {
	if !bytes.Contains(e.Metadata, []byte(metadataCorrelation)) && !bytes.Contains(e.Metadata, []byte(metadataCausation)) {
		return
	}
	var metadata map[string]json.RawMessage
	if json.Unmarshal(e.Metadata, &metadata) != nil {
		return
	}
	for key, name := range map[string]string{metadataCorrelation: extensionCorrelation, metadataCausation: extensionCausation} {
		var s string
		if json.Unmarshal(metadata[key], &s) == nil && s != "" && textual(s) {
			all[name] = s
		}
	}
}

// textual reports whether an attribute of a CloudEvent may have the value: it
// has no control characters, and none that Unicode has set aside.
func textual(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) || r&0xfffe == 0xfffe || 0xfdd0 <= r && r <= 0xfdef {
			return false
		}
	}
	return true
}
