package catalogue

import (
	"cmp"
	"context"
	"database/sql"
	"io"
	"net/http"

	"github.com/cairndb/cairn/examples/eshop/rest"
)

// maxSearch is how many characters one may search for.
const maxSearch = 80

func (s *Service) getAll(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := r.URL.Query()
	category, text := q.Get("category"), q.Get("q")
	if err := cmp.Or(rest.Text("category", category, 0, MaxCategory), rest.Text("q", text, 0, maxSearch)); err != nil {
		return nil, err
	}
	return find(r.Context(), s.o.DB, category, text)
}

func (s *Service) getOne(_ http.ResponseWriter, r *http.Request) (any, error) {
	return s.product(r)
}

func (s *Service) product(r *http.Request) (Product, error) {
	sku := r.PathValue("sku")
	if err := rest.Name("sku", sku, MaxSKU); err != nil {
		return Product{}, err
	}
	return get(r.Context(), s.o.DB, sku, "")
}

func (s *Service) putOne(w http.ResponseWriter, r *http.Request) (any, error) {
	p, err := rest.Body[Product](w, r)
	if err != nil {
		return nil, err
	}
	if sku := r.PathValue("sku"); p.SKU != "" && p.SKU != sku {
		return nil, rest.Invalid("sku", "is not that of the address")
	}
	p.SKU, p.Picture = r.PathValue("sku"), cmp.Or(p.Picture, "cairn")
	if err := p.validate(); err != nil {
		return nil, err
	}
	return p, s.put(r.Context(), p)
}

// put writes a product and, if its price is another, the event about that: both
// or neither.
func (s *Service) put(ctx context.Context, p Product) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		old, err := get(ctx, tx, p.SKU, s.lock())
		if err != nil && rest.StatusOf(err) != http.StatusNotFound {
			return err
		}
		if err := write(ctx, tx, p); err != nil {
			return err
		}
		return s.tellPrice(ctx, tx, old, p)
	})
	s.wake()
	return err
}

func (s *Service) deleteOne(_ http.ResponseWriter, r *http.Request) (any, error) {
	p, err := s.product(r)
	if err != nil {
		return nil, err
	}
	_, err = s.o.DB.ExecContext(r.Context(), `DELETE FROM catalogue_product WHERE sku = $1`, p.SKU)
	return nil, err
}

func (s *Service) getPicture(w http.ResponseWriter, r *http.Request) {
	p, err := s.product(r)
	if err != nil {
		http.Error(w, "there is no such picture", rest.StatusOf(err))
		return
	}
	drawing, _ := Picture(p.Picture)
	h := w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	h.Set("Cache-Control", "max-age=3600")
	io.WriteString(w, drawing) // an error means that the client has gone
}
