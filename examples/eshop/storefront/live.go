package storefront

import (
	"io"
	"net/http"

	"github.com/cairndb/cairn/examples/eshop/rest"
)

// live hands on what the order service says of an order as it happens, as
// server-sent events, until one of the two ends goes.
func (s *Service) live(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if rest.Name("order", id, 64) != nil {
		http.NotFound(w, r)
		return
	}
	resp, err := s.stream(r.Context(), s.order, "/orders/"+id+"/live")
	if err != nil {
		http.Error(w, "the order service does not answer", http.StatusServiceUnavailable)
		return
	}
	defer resp.Body.Close()
	w.Header().Set("Content-Type", resp.Header.Get("Content-Type"))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(resp.StatusCode)
	pass(w, resp.Body)
}

// pass copies and keeps nothing back.
func pass(w http.ResponseWriter, from io.Reader) {
	c, b := http.NewResponseController(w), make([]byte, 4096)
	for c.Flush() == nil {
		n, err := from.Read(b)
		if n > 0 {
			if _, err := w.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			c.Flush() // what came last
			return
		}
	}
}
