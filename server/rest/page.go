package rest

import (
	"fmt"
	"iter"
	"net/http"
	"net/url"

	"github.com/cairndb/cairn"
)

// Pages are bounded by events and by bytes.
const (
	defaultLimit = 100
	maxLimit     = 1000
	pageBytes    = 4 << 20 // a page ends behind the event that passes it
)

// A page is a stretch of a stream or of the log.
type page struct {
	events []byte // a list
	last   *cairn.Recorded
	more   bool
}

// pageLimit is how many events a page has.
func (q *params) pageLimit() int {
	n := q.limit()
	if n == 0 {
		return defaultLimit
	}
	if n > maxLimit {
		q.fail(&cairn.InvalidError{Field: "limit", Problem: fmt.Sprintf("%d; a page has at most %d events, and a link to the next", n, maxLimit), Limit: maxLimit})
	}
	return n
}

// gather reads a page from what yields one event more than the page may have.
func gather(events iter.Seq2[cairn.Recorded, error], limit int, write func([]byte, *cairn.Recorded) []byte) (p page, err error) {
	p.events = append(p.events, '[')
	n := 0
	for e, err := range events {
		if err != nil {
			return page{}, err
		}
		if n == limit || len(p.events) > pageBytes {
			p.more = true
			break
		}
		if n++; n > 1 {
			p.events = append(p.events, ',')
		}
		p.events = write(p.events, &e)
		p.last = &e
	}
	p.events = append(p.events, ']')
	return p, nil
}

// next is the link to the next page: this request with other bounds. It is also
// a header, for representations that have no place for it.
func next(w http.ResponseWriter, r *http.Request, bounds map[string]string) string {
	values, _ := url.ParseQuery(r.URL.RawQuery) // has been parsed before
	for name, v := range bounds {
		values.Set(name, v)
	}
	link := r.URL.EscapedPath() + "?" + values.Encode()
	w.Header().Add("Link", "<"+link+`>; rel="next"`)
	return link
}

// unchanged answers 304 if the caller has what the tag names.
func unchanged(w http.ResponseWriter, r *http.Request, tag string) bool {
	w.Header().Set("ETag", tag)
	if !tagged(r.Header.Values("If-None-Match"), tag) {
		return false
	}
	w.WriteHeader(http.StatusNotModified)
	return true
}
