package cairn

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// ValidateStream checks the name of a stream; field is what an error calls it.
func ValidateStream(field, stream string) error {
	if err := name(field, stream, MaxStreamName); err != nil {
		return err
	}
	if stream == metaPrefix || strings.HasPrefix(stream, metaPrefix+metaPrefix) {
		return invalid(field, "%q is not the metadata stream of anything", stream)
	}
	if stream == "$all" {
		return invalid(field, "\"$all\" names the log, not a stream of it")
	}
	return nil
}

func name(field, s string, limit int) error {
	if s == "" {
		return invalid(field, "must not be empty")
	}
	return text(field, s, limit)
}

func text(field, s string, limit int) error {
	switch {
	case len(s) > limit:
		return &InvalidError{Field: field, Limit: int64(limit), Problem: fmt.Sprintf("%d bytes long; the limit is %d", len(s), limit)}
	case !utf8.ValidString(s):
		return invalid(field, "%.40q is not valid UTF-8", s)
	}
	return nil
}

func atMost(field string, n, limit int) error {
	if n > limit {
		return tooMany(field, n, limit)
	}
	return nil
}

func tooMany(field string, n, limit int) *InvalidError {
	return &InvalidError{Field: field, Limit: int64(limit), Problem: fmt.Sprintf("%d; the limit is %d", n, limit)}
}

func invalid(field, format string, args ...any) *InvalidError {
	return &InvalidError{Field: field, Problem: fmt.Sprintf(format, args...)}
}
