package storefront

import "net/http"

// A dashboard is what the order service says of all orders together.
type dashboard struct {
	Orders, Cents, Refunded int64
	ByStatus                []count
	ByProduct               []count
	ByHour                  []count
}

// A count is a bar of a chart.
type count struct {
	Name  string
	Count int64
	Cents int64
}

func (s *Service) sales(_ http.ResponseWriter, r *http.Request, visitor *session) (any, error) {
	var d dashboard
	_, err := s.order.Do(r.Context(), "GET", visitor.after("/dashboard"), nil, &d)
	return &view{name: "sales", data: &d}, err
}
