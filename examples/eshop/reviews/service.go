package reviews

import (
	"cmp"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/examples/eshop/rest"
)

// Options say what the reviews work with.
type Options struct {
	// Documents is where they are kept. Required.
	Documents Documents

	// Publisher takes this service's integration events. [Service.Run] needs it.
	Publisher broker.Publisher

	// Logger is told what fails. Nil means slog.Default.
	Logger *slog.Logger
}

// A Service keeps reviews. Its methods may be called concurrently.
type Service struct {
	o    Options
	stir chan struct{} // holds something when there may be something to tell
}

// New makes a service.
func New(o Options) (*Service, error) {
	if o.Documents == nil {
		return nil, errors.New("reviews: no documents")
	}
	o.Logger = cmp.Or(o.Logger, slog.Default())
	return &Service{o, make(chan struct{}, 1)}, nil
}

// Handler answers the requests of others:
//
//	GET  /reviews/{sku}   the newest hundred
//	POST /reviews/{sku}   a Review; an ID that was posted before changes nothing
//	GET  /ratings         of all products that have a review
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, do := range map[string]rest.HandlerFunc{
		"GET /reviews/{sku}":  s.getAll,
		"POST /reviews/{sku}": s.post,
		"GET /ratings":        s.getRatings,
	} {
		mux.Handle(pattern, rest.Handle(s.o.Logger, do))
	}
	return mux
}

func (s *Service) getAll(_ http.ResponseWriter, r *http.Request) (any, error) {
	sku := r.PathValue("sku")
	if err := rest.Name("sku", sku, MaxSKU); err != nil {
		return nil, err
	}
	return s.o.Documents.Of(r.Context(), sku, listed)
}

func (s *Service) getRatings(_ http.ResponseWriter, r *http.Request) (any, error) {
	return s.o.Documents.Ratings(r.Context())
}

func (s *Service) post(w http.ResponseWriter, r *http.Request) (any, error) {
	review, err := rest.Body[Review](w, r)
	if err != nil {
		return nil, err
	}
	id, err := identify(review.ID)
	if err != nil {
		return nil, err
	}
	review.ID, review.SKU, review.At = id, r.PathValue("sku"), time.Now().UTC().Truncate(time.Millisecond)
	if err := review.validate(); err != nil {
		return nil, err
	}
	if err := s.o.Documents.Insert(r.Context(), review); err != nil {
		return nil, err
	}
	s.wake()
	return review, nil
}

// identify is the ID that was given, or a new one. They begin with the time, so
// that reviews have an order.
func identify(given string) (string, error) {
	if given == "" {
		return cairn.NewID().String(), nil
	}
	id, err := cairn.ParseID(given)
	if err != nil {
		return "", rest.Invalid("id", "is not a UUID")
	}
	return id.String(), nil
}
