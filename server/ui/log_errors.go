package ui

import (
	"strings"
	"time"
)

// logErrors is how many lines of a log are errors of after a moment. It knows the
// two forms in which package slog writes; other lines count nothing.
func logErrors(lines []string, after time.Time) (n int) {
	for _, line := range lines {
		if at, ok := errorTime(line); ok && at.After(after) {
			n++
		}
	}
	return n
}

// errorTime is when a line was written, if it is of an error: it begins with the
// time and the level, so what the message says is not mistaken for them.
func errorTime(line string) (time.Time, bool) {
	for _, form := range []struct{ begin, between, end string }{
		{"time=", " level=", " "}, {`{"time":"`, `","level":"`, `"`},
	} {
		rest, ok := strings.CutPrefix(line, form.begin)
		if !ok {
			continue
		}
		text, rest, _ := strings.Cut(rest, form.between)
		level, _, _ := strings.Cut(rest, form.end)
		at, err := time.Parse(time.RFC3339Nano, text)
		return at, err == nil && strings.HasPrefix(level, "ERROR")
	}
	return time.Time{}, false
}
