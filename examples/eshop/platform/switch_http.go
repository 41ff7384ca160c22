package platform

import (
	"net/http"

	"github.com/cairndb/cairn/examples/eshop/rest"
)

// GetHTTP answers with the mode: {"mode":"ok"}.
func (s *Switch[M]) GetHTTP(_ http.ResponseWriter, r *http.Request) (any, error) {
	return s.Get(r.Context())
}

// PostHTTP sets the mode.
func (s *Switch[M]) PostHTTP(w http.ResponseWriter, r *http.Request) (any, error) {
	v, err := rest.Body[Setting[M]](w, r)
	if err == nil {
		err = s.Set(r.Context(), v)
	}
	return v, err
}
