package storefront

import (
	"net/http"
	"net/url"
	"time"

	"github.com/cairndb/cairn/examples/eshop/rest"
)

// An email is one that the notifications have sent.
type email struct {
	Number                                  int64
	Customer, Order, Subject, Text, Because string
	At                                      time.Time
}

type letters struct {
	All   []email
	Order string
}

func (s *Service) emails(_ http.ResponseWriter, r *http.Request, _ *session) (any, error) {
	page := &letters{Order: r.FormValue("order")}
	if err := rest.Text("order", page.Order, 0, 64); err != nil {
		return nil, err
	}
	_, err := s.notification.Do(r.Context(), "GET", "/notifications?order="+url.QueryEscape(page.Order), nil, &page.All)
	return &view{name: "emails", data: page}, err
}
