package rest

import (
	"bytes"
	"encoding/json"
)

// encode encodes without making characters safe for web pages, so that links
// and data stay readable.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'}), err
}

// mustJSON encodes what can always be encoded.
func mustJSON(v any) []byte {
	b, err := encode(v)
	if err != nil {
		panic(err)
	}
	return b
}

// withEvents adds a list of events to a document. They stay the bytes they are.
func withEvents(v any, events []byte) []byte {
	b := bytes.TrimSuffix(mustJSON(v), []byte{'}'})
	if len(b) > 1 {
		b = append(b, ',')
	}
	b = append(append(b, `"events":`...), events...)
	return append(b, '}')
}
