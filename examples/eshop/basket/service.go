package basket

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/cairndb/cairn/examples/eshop/rest"
)

// Options say what the baskets work with.
type Options struct {
	// Store holds the baskets. Required.
	Store Store

	// Logger is told what fails. Nil means slog.Default.
	Logger *slog.Logger
}

// A Service keeps baskets. Its methods may be called concurrently.
type Service struct{ o Options }

// New makes a service.
func New(o Options) (*Service, error) {
	if o.Store == nil {
		return nil, errors.New("basket: no store")
	}
	o.Logger = cmp.Or(o.Logger, slog.Default())
	return &Service{o}, nil
}

// Handler answers the requests of others. A session is a name that whoever knows
// it may use.
//
//	GET    /baskets/{session}
//	PUT    /baskets/{session}/{sku}   a Line
//	DELETE /baskets/{session}/{sku}
//	DELETE /baskets/{session}
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, do := range map[string]rest.HandlerFunc{
		"GET /baskets/{session}":          s.getAll,
		"PUT /baskets/{session}/{sku}":    s.putOne,
		"DELETE /baskets/{session}/{sku}": s.deleteSome,
		"DELETE /baskets/{session}":       s.deleteSome,
	} {
		mux.Handle(pattern, rest.Handle(s.o.Logger, do))
	}
	return mux
}

func session(r *http.Request) (string, error) {
	name := r.PathValue("session")
	return name, rest.Name("session", name, MaxSession)
}

func (s *Service) getAll(_ http.ResponseWriter, r *http.Request) (any, error) {
	name, err := session(r)
	if err != nil {
		return nil, err
	}
	return s.o.Store.Lines(r.Context(), name)
}

func (s *Service) putOne(w http.ResponseWriter, r *http.Request) (any, error) {
	name, err := session(r)
	if err != nil {
		return nil, err
	}
	l, err := rest.Body[Line](w, r)
	if err != nil {
		return nil, err
	}
	l.SKU = r.PathValue("sku")
	if err := l.validate(); err != nil {
		return nil, err
	}
	return l, s.o.Store.Put(r.Context(), name, l)
}

func (s *Service) deleteSome(_ http.ResponseWriter, r *http.Request) (any, error) {
	name, err := session(r)
	if err != nil {
		return nil, err
	}
	return nil, s.o.Store.Remove(r.Context(), name, r.PathValue("sku"))
}

// Run waits until ctx ends, and returns its cause: baskets hear nothing and say
// nothing.
func (s *Service) Run(ctx context.Context) error {
	<-ctx.Done()
	return context.Cause(ctx)
}
