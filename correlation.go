package cairn

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// The keys of an event's Metadata that say where it comes from, which are those
// of the KurrentDB protocol. See [Correlation].
const (
	CorrelationKey = "$correlationId" // what the event belongs to, such as the ID of a request
	CausationKey   = "$causationId"   // the ID of the event, or of the command, that led to it
)

// Correlation reads from an event's metadata what the event belongs to and what
// led to it. Either is empty if it is not there as a string that is valid UTF-8.
// The metadata may be anything: what is no JSON object says nothing. The keys
// have to be written without escapes; if one is there twice, the last counts.
func Correlation(metadata []byte) (correlation, causation string) {
	if !bytes.Contains(metadata, correlationEnd) && !bytes.Contains(metadata, causationEnd) {
		return "", ""
	}
	o := originOf(metadata)
	return o.correlation.text(), o.causation.text()
}

// CorrelationTag is the tag by which queries and conditions name all events of
// a correlation:
//
//	cairn.ByTag(cairn.CorrelationTag("018f2b6e-7c31-7d3a-9d0b-0242ac120002"))
//
// An event whose Metadata says that it belongs to the correlation matches as if
// it carried the tag, in every store, and is found as quickly. It need not carry
// it, and it does not: the tag is not among its Tags. What carries the tag of
// its own matches too, whatever its Metadata says.
//
// No event belongs to the empty ID. One that is not valid UTF-8, or so long that
// its tag is over [MaxTag], makes a tag that no event has and [Query.Validate]
// refuses.
func CorrelationTag(id string) string { return correlationPrefix + id }

// ImpliedTag is the tag that an event with this metadata matches without
// carrying it: the [CorrelationTag] of its [Correlation]. It is empty if there
// is none, or if it would be over [MaxTag]. It does not count towards [MaxTags].
//
// It is for stores, which find events by it; most metadata has no correlation,
// and costs a search for the key.
func ImpliedTag(metadata []byte) string {
	if !bytes.Contains(metadata, correlationEnd) {
		return ""
	}
	id := originOf(metadata).correlation
	if raw := id.plain(); raw != nil { // no copy but the one that is returned
		return implied(correlationPrefix+string(raw), len(raw))
	}
	text := id.text()
	return implied(correlationPrefix+text, len(text))
}

func implied(tag string, id int) string {
	if id == 0 || len(tag) > MaxTag {
		return ""
	}
	return tag
}

const correlationPrefix = "$correlation:"

// What is searched for begins with a "$", which is rarer than the quote before
// it, and so is found or not found in less time.
var (
	correlationEnd = []byte(CorrelationKey + `"`)
	causationEnd   = []byte(CausationKey + `"`)
)

// An origin is where metadata says that an event comes from.
type origin struct {
	correlation, causation jsonValue
}

func originOf(metadata []byte) (o origin) {
	s := jsonScanner{b: metadata}
	ok := s.whole(func(key, value []byte) {
		switch string(key) {
		case CorrelationKey:
			o.correlation = value
		case CausationKey:
			o.causation = value
		}
	})
	if !ok {
		return origin{}
	}
	return o
}

// A jsonValue is a valid value of JSON, or nothing.
type jsonValue []byte

// plain is what a string without escapes holds; nil of all else.
func (v jsonValue) plain() []byte {
	if len(v) < 2 || v[0] != '"' || bytes.IndexByte(v, '\\') >= 0 || !utf8.Valid(v) {
		return nil
	}
	return v[1 : len(v)-1]
}

// text is what a string holds.
func (v jsonValue) text() (s string) {
	if raw := v.plain(); raw != nil {
		return string(raw)
	}
	if len(v) == 0 || v[0] != '"' || !utf8.Valid(v) || json.Unmarshal(v, &s) != nil {
		return ""
	}
	return s
}
