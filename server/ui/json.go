package ui

import (
	"bytes"
	"encoding/json"
	"html/template"
	"strings"
)

// colouredJSON indents JSON and gives names, strings and other values classes. It
// gives up on what is not JSON, is too long to be shown, or is nested so
// deeply that its indentation would be more than itself.
func colouredJSON(b []byte) (template.HTML, bool) {
	if len(b) == 0 || len(b) > maxShown || !json.Valid(b) || depth(b) > maxDeep {
		return "", false
	}
	var indented bytes.Buffer
	if json.Indent(&indented, b, "", "  ") != nil {
		return "", false
	}
	html := coloured(indented.String())
	return html, len(html) <= maxShown
}

// depth is how many levels valid JSON has.
func depth(b []byte) (most int) {
	level, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			level++
			most = max(most, level)
		case c == '}' || c == ']':
			level--
		}
	}
	return most
}

// coloured marks the strings and values of indented JSON.
func coloured(s string) template.HTML {
	var out strings.Builder
	for len(s) > 0 {
		n := token(s)
		text := s[:n]
		s = s[n:]
		class := ""
		switch {
		case text[0] == '"' && strings.HasPrefix(s, ":"):
			class = "k"
		case text[0] == '"':
			class = "s"
		case strings.IndexByte("-0123456789tfn", text[0]) >= 0:
			class = "v"
		}
		mark(&out, class, text)
	}
	return template.HTML(out.String())
}

func mark(out *strings.Builder, class, text string) {
	if class != "" {
		out.WriteString(`<span class="` + class + `">`)
	}
	template.HTMLEscape(out, []byte(text))
	if class != "" {
		out.WriteString("</span>")
	}
}

// token is how long the next string, value or run of anything else is.
func token(s string) int {
	if s[0] == '"' {
		for i := 1; i < len(s); i++ {
			switch s[i] {
			case '\\':
				i++
			case '"':
				return i + 1
			}
		}
		return len(s)
	}
	const value = "-+.0123456789abcdefghijklmnopqrstuvwxyzE"
	isValue := strings.IndexByte(value, s[0]) >= 0
	for i := 1; i < len(s); i++ {
		if s[i] == '"' || strings.IndexByte(value, s[i]) >= 0 != isValue {
			return i
		}
	}
	return len(s)
}
