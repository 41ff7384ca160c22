package ui

import (
	"fmt"
	"html/template"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// functions are what templates may call.
func functions() template.FuncMap {
	return template.FuncMap{
		"path":    pagePath,
		"asset":   assetPath,
		"count":   grouped,
		"bytes":   byteSize,
		"took":    took,
		"ago":     func(t time.Time) string { return ago(time.Since(t)) },
		"instant": instant,
		"machine": func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) },
		"percent": percent,
		"query":   queryValue,
	}
}

// pagePath is the path of a page: the parts are escaped, and so may be names of
// streams, whatever is in them.
func pagePath(first string, parts ...any) string {
	var b strings.Builder
	b.WriteString(Prefix + first)
	for _, p := range parts {
		b.WriteByte('/')
		b.WriteString(escapeSegment(fmt.Sprint(p)))
	}
	return b.String()
}

// queryValue is a text as a value within a link's query. The type keeps a template
// from escaping it a second time.
func queryValue(s string) template.URL { return template.URL(url.QueryEscape(s)) }

// escapeSegment escapes a name for a path. Those that browsers take for
// directories are escaped, too, which they undo, so they get a mark in front.
func escapeSegment(s string) string {
	if s == "." || s == ".." || strings.HasPrefix(s, "~") {
		return "~" + url.PathEscape(s)
	}
	return url.PathEscape(s)
}

// unescapeSegment undoes the mark of escapeSegment, after the path was unescaped.
func unescapeSegment(s string) string { return strings.TrimPrefix(s, "~") }

// grouped writes a number with thin spaces between its thousands.
func grouped(n any) string {
	s := fmt.Sprint(n)
	digits, sign := strings.TrimPrefix(s, "-"), ""
	if strings.Trim(digits, "0123456789") != "" {
		return s // a revision that is none has a name
	}
	if len(digits) < len(s) {
		sign = "−"
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "\u202f" + digits[i:]
	}
	return sign + digits
}

// byteSize writes a number of bytes with the largest unit below it.
func byteSize(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	f, i := float64(n), 0
	for ; f >= 1024 && i < len(units)-1; i++ {
		f /= 1024
	}
	if i == 0 || f >= 100 {
		return fmt.Sprintf("%.0f %s", f, units[i])
	}
	return fmt.Sprintf("%.1f %s", f, units[i])
}

// took writes a duration with three digits at most.
func took(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return strconv.FormatInt(d.Microseconds(), 10) + " µs"
	case d < time.Second:
		return strconv.FormatFloat(float64(d.Microseconds())/1000, 'g', 3, 64) + " ms"
	case d < 2*time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'g', 3, 64) + " s"
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d days", d/(24*time.Hour))
}

// ago says how long ago something was; a clock may be behind the one that wrote.
func ago(d time.Duration) string {
	if d < time.Second {
		return "now"
	}
	return took(d.Truncate(time.Second)) + " ago"
}

// instant writes a time to the millisecond, in UTC as the store has it; scripts
// add the reader's own.
func instant(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04:05.000")
}

// percent is a share of a whole, rounded down so that only all of it is 100.
func percent(part, whole any) int {
	p, w := number(part), number(whole)
	if w == 0 || p >= w {
		return 100
	}
	return int(p / w * 100)
}

// number is the value of a number of any kind.
func number(n any) float64 {
	v := reflect.ValueOf(n)
	switch {
	case v.CanInt():
		return float64(v.Int())
	case v.CanUint():
		return float64(v.Uint())
	}
	return v.Float()
}
