package ndjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Members calls visit with each key of a JSON object, unquoted, and its value,
// as it stands in the line. Keys may come twice. It stops at the first error.
func Members(line []byte, visit func(key string, value []byte) error) error {
	if err := check(line); err != nil {
		return err
	}
	i := skipSpace(line, 0)
	if line[i] != '{' {
		return errors.New("not a JSON object")
	}
	for i = skipSpace(line, i+1); line[i] != '}'; i = skipSpace(line, i) {
		if line[i] == ',' {
			i = skipSpace(line, i+1)
		}
		end := valueEnd(line, i)
		key, err := Text(line[i:end])
		if err != nil {
			return err
		}
		i = skipSpace(line, skipSpace(line, end)+1) // past the colon
		end = valueEnd(line, i)
		if err := visit(key, line[i:end]); err != nil {
			return err
		}
		i = end
	}
	return nil
}

// check reports what keeps a line from being one JSON value. The rest of this
// file relies on it.
func check(line []byte) error {
	if !utf8.Valid(line) {
		return errors.New("not valid UTF-8")
	}
	if json.Valid(line) {
		return nil
	}
	var v json.RawMessage
	err := json.Unmarshal(line, &v)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("not valid JSON: %w at byte %d", syntax, syntax.Offset)
	}
	return fmt.Errorf("not valid JSON: %w", err)
}

func skipSpace(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n' {
		i++
	}
	return i
}

// valueEnd returns where the value that begins at i ends.
func valueEnd(b []byte, i int) int {
	depth := 0
	for {
		switch b[i] {
		case '"':
			i = stringEnd(b, i) - 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		i++
		if depth == 0 && (b[i-1] == '"' || b[i-1] == '}' || b[i-1] == ']' || ends(b[i])) {
			return i
		}
	}
}

// ends reports whether a number or a name such as null ends before c.
func ends(c byte) bool {
	switch c {
	case ',', '}', ']', ' ', '\t', '\r', '\n':
		return true
	}
	return false
}

func stringEnd(b []byte, i int) int {
	for i++; b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i + 1
}
