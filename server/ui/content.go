package ui

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"html/template"
	"strings"
	"unicode/utf8"
)

// What of an event's data is shown in a page; the rest can be downloaded.
const (
	maxShown = 64 << 10 // bytes, as they are and as HTML
	maxDeep  = 64       // levels of JSON that are indented
	maxHex   = 1 << 10  // bytes of what is no text
	maxBrief = 160      // bytes in a line of a list
)

// A content is bytes of an event, made readable.
type content struct {
	HTML template.HTML // escaped, with colours
	Kind string        // "JSON", "text" or "binary"
	Size int
	Cut  bool // there is more of it
}

// readable makes bytes readable, whatever is in them.
func readable(b []byte) content {
	c := content{Size: len(b), Kind: "text"}
	if !utf8.Valid(b) {
		c.Kind, c.Cut = "binary", len(b) > maxHex
		c.HTML = template.HTML(template.HTMLEscapeString(hex.Dump(b[:min(len(b), maxHex)])))
		return c
	}
	if html, ok := colouredJSON(b); ok {
		c.Kind, c.HTML = "JSON", html
		return c
	}
	c.HTML, c.Cut = escaped(string(b))
	return c
}

// escaped is as much of a text as fits when it is escaped.
func escaped(s string) (html template.HTML, cut bool) {
	var out strings.Builder
	for len(s) > 0 {
		line := clip(s, 256)
		text := template.HTMLEscapeString(line)
		if out.Len()+len(text) > maxShown {
			return template.HTML(out.String()), true
		}
		out.WriteString(text)
		s = s[len(line):]
	}
	return template.HTML(out.String()), false
}

// brief is the beginning of bytes on one line.
func brief(b []byte) string {
	b = b[:min(len(b), 4*maxBrief)]
	var flat bytes.Buffer
	if json.Compact(&flat, b) == nil {
		b = flat.Bytes()
	}
	s := strings.Join(strings.Fields(strings.ToValidUTF8(string(b), "\ufffd")), " ")
	return clip(s, maxBrief)
}

// clip is the beginning of a text, with whole characters only.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}
