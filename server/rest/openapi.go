package rest

import (
	_ "embed"
	"net/http"
	"strconv"
)

// The document is written as YAML. The other form is made from it by the test
// that holds the two together.
var (
	//go:embed openapi.yaml
	openAPIYAML []byte
	//go:embed openapi.json
	openAPIJSON []byte
)

func document(mediaType string, body []byte) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if q := query(r); q.err != nil {
			return q.err
		}
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
		return nil
	}
}
