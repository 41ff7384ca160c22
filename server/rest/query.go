package rest

import (
	"math"
	"net/http"
	"net/url"
	"slices"

	"github.com/cairndb/cairn"
)

// params are the parameters of a request. The first error sticks, so that it
// is asked for once when all are read.
type params struct {
	values url.Values
	err    error
}

// lists are the parameters that may come more than once.
var lists = []string{"type", "category", "stream", "prefix", "tag"}

// query reads the parameters and refuses those that are not known.
func query(r *http.Request, known ...string) *params {
	values, err := url.ParseQuery(r.URL.RawQuery)
	q := &params{values: values}
	if err != nil {
		q.err = wrong("query", "%v", err)
		return q
	}
	for name, all := range values {
		switch {
		case !slices.Contains(known, name):
			q.err = wrong(name, "is no parameter of this operation")
		case len(all) > 1 && !slices.Contains(lists, name):
			q.err = wrong(name, "is given %d times", len(all))
		}
	}
	return q
}

func (q *params) fail(err error) {
	if q.err == nil {
		q.err = err
	}
}

// text is a parameter as it stands; empty if it is not there.
func (q *params) text(name string) string {
	if q.values.Has(name) && q.values.Get(name) == "" {
		q.fail(wrong(name, "must not be empty"))
	}
	return q.values.Get(name)
}

// list is a parameter that may be repeated; nil if it is not there.
func (q *params) list(name string) []string { return q.values[name] }

// flag is a switch. Its name alone turns it on.
func (q *params) flag(name string) bool {
	switch v := q.values.Get(name); v {
	case "":
		return q.values.Has(name)
	case "true":
		return true
	case "false":
	default:
		q.fail(wrong(name, "%.40q is neither true nor false", v))
	}
	return false
}

// number is a number up to most; zero if it is not there.
func (q *params) number(name string, most uint64) uint64 {
	s := q.text(name)
	if s == "" {
		return 0
	}
	n, err := parseNumber(s, most)
	if err != nil {
		q.fail(wrong(name, "%v", err))
	}
	return n
}

func (q *params) revision(name string) cairn.Revision {
	return cairn.Revision(q.number(name, math.MaxInt64))
}

func (q *params) position(name string) cairn.Position {
	return cairn.Position(q.number(name, math.MaxUint64))
}

// limit is how many events are asked for; zero if that was not said.
func (q *params) limit() int {
	n := int(q.number("limit", math.MaxInt))
	if q.values.Has("limit") && n == 0 {
		q.fail(wrong("limit", "must be at least 1"))
	}
	return n
}
