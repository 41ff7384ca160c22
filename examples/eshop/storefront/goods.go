package storefront

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/cairndb/cairn/examples/eshop/rest"
)

// A product is what the catalogue says of one, and how customers find it.
type product struct {
	SKU, Name, Category, Description, Picture string
	Cents                                     int64
	Discontinued                              bool
	Rating                                    rating `json:"-"`
}

// A rating is what all reviews say together.
type rating struct {
	SKU          string
	Count, Stars int64
}

// Tenths is the average in tenths of a star.
func (r rating) Tenths() int64 {
	if r.Count == 0 {
		return 0
	}
	return (10*r.Stars + r.Count/2) / r.Count
}

type shelves struct {
	Products           []product
	Categories         []string
	Category, Search   string
	RatingsUnavailable bool
}

// Found is how many products there are.
func (p *shelves) Found() int64 { return int64(len(p.Products)) }

// home shows the products, of a category or all. Without reviews it has no stars.
func (s *Service) home(_ http.ResponseWriter, r *http.Request, _ *session) (any, error) {
	page := &shelves{Category: r.FormValue("category"), Search: r.FormValue("q")}
	if err := cmp.Or(rest.Text("category", page.Category, 0, 30), rest.Text("q", page.Search, 0, 80)); err != nil {
		return nil, err
	}
	all, err := s.products(r.Context())
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if !slices.Contains(page.Categories, p.Category) {
			page.Categories = append(page.Categories, p.Category)
		}
	}
	page.Products = all
	if page.Category != "" || page.Search != "" {
		query := url.Values{"category": {page.Category}, "q": {page.Search}}
		if _, err := s.catalogue.Do(r.Context(), "GET", "/products?"+query.Encode(), nil, &page.Products); err != nil {
			return nil, err
		}
	}
	page.RatingsUnavailable = s.rate(r.Context(), page.Products) != nil
	return &view{name: "home", data: page}, nil
}

func (s *Service) products(ctx context.Context) (all []product, err error) {
	_, err = s.catalogue.Do(ctx, "GET", "/products", nil, &all)
	return all, err
}

func (s *Service) rate(ctx context.Context, products []product) error {
	var ratings []rating
	impatient := *s.reviews
	impatient.Patience = time.Second
	if _, err := impatient.Do(ctx, "GET", "/ratings", nil, &ratings); err != nil {
		return err
	}
	of := map[string]rating{}
	for _, r := range ratings {
		of[r.SKU] = r
	}
	for i := range products {
		products[i].Rating = of[products[i].SKU]
	}
	return nil
}

func (s *Service) find(ctx context.Context, sku string) (p product, err error) {
	if err := rest.Name("sku", sku, 40); err != nil {
		return p, err
	}
	_, err = s.catalogue.Do(ctx, "GET", "/products/"+sku, nil, &p)
	return p, err
}

// picture hands on a drawing of the catalogue. It comes with a policy of its own,
// which lets it run and load nothing.
func (s *Service) picture(w http.ResponseWriter, r *http.Request) {
	sku := r.PathValue("sku")
	if rest.Name("sku", sku, 40) != nil {
		http.NotFound(w, r)
		return
	}
	resp, err := s.stream(r.Context(), s.catalogue, "/products/"+sku+"/picture")
	if err != nil {
		http.Error(w, "no picture", http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	h := w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	h.Set("Cache-Control", "max-age=3600")
	w.WriteHeader(resp.StatusCode)
	io.Copy(w, io.LimitReader(resp.Body, 64<<10)) // an error means that the customer has gone
}

// stream asks a service for what is not read at once. The caller closes the body.
func (s *Service) stream(ctx context.Context, c *rest.Client, path string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL+path, nil)
	if err != nil {
		return nil, err
	}
	return cmp.Or(c.HTTP, http.DefaultClient).Do(r)
}
