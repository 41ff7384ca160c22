package storefront

import (
	"cmp"
	"net/http"
	"strconv"

	"github.com/cairndb/cairn/examples/eshop/rest"
)

// A chronicle is what happened to an order, and what it was behind one of the
// facts.
type chronicle struct {
	ID     string
	Facts  []fact
	Chosen fact
	Then   order
}

// First and Last are the revisions that one may choose.
func (c *chronicle) First() int64 { return c.Facts[0].Revision }

// Last is the newest revision.
func (c *chronicle) Last() int64 { return c.Facts[len(c.Facts)-1].Revision }

func (s *Service) showHistory(_ http.ResponseWriter, r *http.Request, visitor *session) (any, error) {
	c, err := s.chronicle(r, visitor)
	return &view{name: "history", data: c}, err
}

// showThen is the part of the page that the slider changes.
func (s *Service) showThen(_ http.ResponseWriter, r *http.Request, visitor *session) (any, error) {
	c, err := s.chronicle(r, visitor)
	return &view{name: "then", data: c}, err
}

func (s *Service) chronicle(r *http.Request, visitor *session) (*chronicle, error) {
	c := &chronicle{ID: r.PathValue("id")}
	if rest.Name("order", c.ID, 64) != nil {
		return nil, rest.NotFound("such order")
	}
	if _, err := s.order.Do(r.Context(), "GET", visitor.after("/orders/"+c.ID+"/history"), nil, &c.Facts); err != nil {
		return nil, err
	}
	if len(c.Facts) == 0 {
		return nil, rest.NotFound("history of such an order")
	}
	at, err := strconv.ParseInt(cmp.Or(r.FormValue("at"), strconv.FormatInt(c.Last(), 10)), 10, 64)
	if err != nil {
		return nil, rest.Invalid("at", "must be a revision, such as 0")
	}
	at = min(max(at, c.First()), c.Last())
	for _, f := range c.Facts {
		if f.Revision <= at {
			c.Chosen = f
		}
	}
	c.Then, err = s.orderOf(r, visitor, strconv.FormatInt(c.Chosen.Revision, 10))
	return c, err
}
