package ndjson

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

const replacement = "\ufffd"

// replaced reports whether unquoting put replacement characters where the line
// had none.
func replaced(quoted []byte, s string) bool {
	if !strings.Contains(s, replacement) {
		return false
	}
	lower := bytes.ToLower(quoted)
	meant := bytes.Count(lower, []byte(replacement)) + bytes.Count(lower, []byte(`\ufffd`))
	return strings.Count(s, replacement) > meant
}

// fields is the set of fields that a line has.
type fields map[string]bool

func (f fields) add(key string) error {
	switch key {
	case "id", "stream", "type", "data", "metadata", "created", "data_base64", "metadata_base64",
		"tags", "format", "revision", "position":
	default:
		return fmt.Errorf("unknown field %.40q", key)
	}
	if f[key] {
		return fmt.Errorf("field %q stands twice", key)
	}
	f[key] = true
	return nil
}

// complete reports a field that is missing, or two that exclude each other.
func (f fields) complete() error {
	switch {
	case !f["id"]:
		return errors.New("id is missing; without it a line could not be recognised when it comes again")
	case !f["stream"]:
		return errors.New("stream is missing")
	case !f["type"]:
		return errors.New("type is missing")
	case f["data"] && f["data_base64"]:
		return errors.New("data and data_base64 exclude each other")
	case f["metadata"] && f["metadata_base64"]:
		return errors.New("metadata and metadata_base64 exclude each other")
	}
	return nil
}
