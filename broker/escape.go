package broker

import (
	"strings"
	"unicode/utf8"
)

// EscapeHeader makes the value of an attribute fit for headers that carry
// visible ASCII only, like those of HTTP and NATS: spaces, quotes, percent signs
// and what is not ASCII become a percent sign and two digits for each byte.
func EscapeHeader(value string) string {
	n := 0
	for n < len(value) && !escaped(value[n]) {
		n++
	}
	if n == len(value) {
		return value
	}
	const digits = "0123456789ABCDEF"
	b := append(make([]byte, 0, len(value)+16), value[:n]...)
	for i := n; i < len(value); i++ {
		if c := value[i]; escaped(c) {
			b = append(b, '%', digits[c>>4], digits[c&15])
		} else {
			b = append(b, c)
		}
	}
	return string(b)
}

// escaped tells which bytes have to be.
func escaped(c byte) bool { return c <= ' ' || c == '"' || c == '%' || c >= 0x7f }

// UnescapeHeader undoes [EscapeHeader]. Quotes around the value are taken off,
// and a percent sign that no two digits follow is itself, because not every
// sender escapes.
func UnescapeHeader(value string) string {
	if n := len(value); n > 1 && value[0] == '"' && value[n-1] == '"' {
		value = strings.ReplaceAll(value[1:n-1], `\"`, `"`)
	}
	if !strings.Contains(value, "%") {
		return value
	}
	b := make([]byte, 0, len(value))
	for i := 0; i < len(value); i++ {
		c := value[i]
		if c == '%' && i+2 < len(value) && digit(value[i+1]) < 16 && digit(value[i+2]) < 16 {
			c = digit(value[i+1])<<4 | digit(value[i+2])
			i += 2
		}
		b = append(b, c)
	}
	if s := string(b); utf8.ValidString(s) {
		return s
	}
	return value
}

// digit returns what a hexadecimal digit stands for, and 16 if it is none.
func digit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}
