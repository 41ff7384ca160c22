package kurrent

import (
	"bytes"
	"strconv"

	"github.com/cairndb/cairn"
)

// typeLink is the type of events that lead to another: their data is a revision,
// "@" and the name of a stream.
const typeLink = "$>"

// A place is where a link leads.
type place struct {
	stream   string
	revision cairn.Revision
}

// parseLink reads a link. What is not one, or not well-formed, is a plain event.
func parseLink(e *cairn.Recorded) (place, bool) {
	if e.Type != typeLink {
		return place{}, false
	}
	number, stream, ok := bytes.Cut(e.Data, []byte("@"))
	if !ok || len(stream) == 0 {
		return place{}, false
	}
	n, err := strconv.ParseInt(string(number), 10, 64)
	if err != nil || n < 0 {
		return place{}, false
	}
	return place{string(stream), cairn.Revision(n)}, true
}

// linkTo is the data of a link to an event.
func linkTo(e *cairn.Recorded) []byte {
	b := strconv.AppendInt(make([]byte, 0, 21+len(e.Stream)), int64(e.Revision), 10)
	return append(append(b, '@'), e.Stream...)
}
