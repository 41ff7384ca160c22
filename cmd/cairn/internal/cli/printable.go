package cli

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// printable replaces everything that a terminal might obey, or that would show
// nothing or in the wrong place, by a visible escape: control characters, bytes
// that are not UTF-8, marks that turn the direction of writing.
func printable(s string) string {
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case hidden(r):
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

// hidden is also true of the replacement character, behind which a byte that
// is not UTF-8 may stand.
func hidden(r rune) bool { return r == utf8.RuneError || !strconv.IsPrint(r) }

// harmlessJSON escapes in lines of JSON what JSON leaves unescaped and a
// terminal might obey. It means the same afterwards.
func harmlessJSON(lines []byte) []byte {
	out := make([]byte, 0, len(lines)+16)
	for len(lines) > 0 {
		r, n := utf8.DecodeRune(lines)
		switch {
		case r == '\n' || r < utf8.RuneSelf && strconv.IsPrint(r) || r == utf8.RuneError || strconv.IsPrint(r):
			out = append(out, lines[:n]...)
		case r > 0xffff:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		lines = lines[n:]
	}
	return out
}

// columns is how wide a printable string is on a terminal.
func columns(s string) int { return uniseg.StringWidth(s) }

// clip cuts a printable string at the end to fit a width.
func clip(s string, width int) string {
	if columns(s) <= width {
		return s
	}
	return take(s, width-1) + "…"
}

// take is the longest beginning of s that fits a width.
func take(s string, width int) string {
	end, used := 0, 0
	for g := uniseg.NewGraphemes(s); g.Next(); {
		if used += g.Width(); used > width {
			break
		}
		_, end = g.Positions()
	}
	return s[:end]
}

// clipMiddle cuts a printable string in the middle to fit a width: the end of
// a stream's name says more than what stands before it.
func clipMiddle(s string, width int) string {
	over := columns(s) - width
	if over <= 0 {
		return s
	}
	head := take(s, (width-1)/2)
	rest := s[len(head):]
	for columns(rest) > width-1-columns(head) {
		_, n := utf8.DecodeRuneInString(rest)
		rest = rest[n:]
	}
	return head + "…" + rest
}

// wrap breaks a printable string between words into lines that fit a width, if
// there is one. A word that is wider has a line of its own.
func wrap(s string, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && width > 0 && columns(line)+1+columns(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}
