package ndjson

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/cairndb/cairn"
)

// Append appends an event's line, without a line break, to dst. [Decode] reads
// it back to the same event.
func Append(dst []byte, e *cairn.Recorded) []byte {
	return append(appendEvent(dst, e), '}')
}

// AppendPlaced is Append with the event's revision and position added.
func AppendPlaced(dst []byte, e *cairn.Recorded) []byte {
	dst = append(appendEvent(dst, e), `,"revision":`...)
	dst = strconv.AppendInt(dst, int64(e.Revision), 10)
	dst = append(dst, `,"position":`...)
	return append(strconv.AppendUint(dst, uint64(e.Position), 10), '}')
}

func appendEvent(dst []byte, e *cairn.Recorded) []byte {
	id, _ := e.ID.MarshalText() // cannot fail
	dst = append(append(append(dst, `{"id":"`...), id...), `","stream":`...)
	dst = AppendText(dst, e.Stream)
	dst = AppendText(append(dst, `,"type":`...), e.Type)
	dst = appendBody(dst, `,"data`, e.Data, e.Format == cairn.JSON && verbatim(e.Data))
	dst = appendBody(dst, `,"metadata`, e.Metadata, verbatim(e.Metadata))
	if !e.Time.IsZero() {
		dst = append(dst, `,"created":"`...)
		dst = append(e.Time.UTC().AppendFormat(dst, time.RFC3339Nano), '"')
	}
	dst = appendTags(dst, e.Tags)
	if e.Format != cairn.JSON {
		dst = AppendText(append(dst, `,"format":`...), e.Format.String())
	}
	return dst
}

// appendBody writes the bytes so that they come back the same.
func appendBody(dst []byte, field string, b []byte, verbatim bool) []byte {
	switch dst = append(dst, field...); {
	case len(b) == 0:
		return dst[:len(dst)-len(field)]
	case verbatim:
		return append(append(dst, `":`...), b...)
	}
	dst = base64.StdEncoding.AppendEncode(append(dst, `_base64":"`...), b)
	return append(dst, '"')
}

// verbatim reports whether the bytes can stand in a line as they are: JSON on
// one line, that nobody trims, and not null, which says that there are none.
func verbatim(b []byte) bool {
	return !bytes.ContainsAny(b, "\n\r") && len(bytes.TrimSpace(b)) == len(b) &&
		string(b) != "null" && utf8.Valid(b) && json.Valid(b)
}

func appendTags(dst []byte, tags []string) []byte {
	if len(tags) == 0 {
		return dst
	}
	dst = append(dst, `,"tags":[`...)
	for i, tag := range tags {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendText(dst, tag)
	}
	return append(dst, ']')
}

// AppendText appends a JSON string. It escapes what JSON wants escaped and
// nothing else, so that names stay readable and lines can be compared with
// those of other programs.
func AppendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c >= ' ':
			dst = append(dst, c)
		default:
			dst = appendControl(dst, c)
		}
	}
	return append(dst, '"')
}

func appendControl(dst []byte, c byte) []byte {
	switch c {
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	}
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}
