package projection

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/cairndb/cairn"
)

// The names under which a token travels over HTTP.
const (
	// TokenHeader is a header of a response to a write, and of a later request.
	TokenHeader = "Cairn-Position"
	// TokenQuery is a parameter of a request's URL, for links and redirects.
	TokenQuery = "cairn-position"
)

// tokenField is what a token is called where it is refused.
const tokenField = "token"

// SetToken tells a client at which position its write stands, in the header
// [TokenHeader]. The client sends it back with its next reads, and [Fresh] makes
// these see the write. It must be called before the response is begun.
func SetToken(w http.ResponseWriter, p cairn.Position) {
	w.Header().Set(TokenHeader, FormatToken(p))
}

// FormatToken is a token as text: the position's digits.
func FormatToken(p cairn.Position) string { return strconv.FormatUint(uint64(p), 10) }

// ParseToken reads what FormatToken writes. Anything else is a
// [*cairn.InvalidError].
func ParseToken(s string) (cairn.Position, error) {
	p, err := strconv.ParseUint(s, 10, 64)
	if err != nil || s[0] == '+' {
		return 0, &cairn.InvalidError{Field: tokenField, Problem: fmt.Sprintf("%.40q is not a position of the log, such as 1234", s)}
	}
	return cairn.Position(p), nil
}

// TokenOf is the token of a request: the highest of those in its headers and its
// URL, and zero if there is none. A malformed one is a [*cairn.InvalidError].
func TokenOf(r *http.Request) (highest cairn.Position, err error) {
	for _, s := range tokens(r) {
		p, err := ParseToken(s)
		if err != nil {
			return 0, err
		}
		highest = max(highest, p)
	}
	return highest, nil
}

// tokens are the values as they came. Headers of one name may be joined by commas
// on their way (RFC 9110, 5.3).
func tokens(r *http.Request) (all []string) {
	for _, line := range r.Header.Values(TokenHeader) {
		for s := range strings.SplitSeq(line, ",") {
			all = append(all, strings.TrimSpace(s))
		}
	}
	return append(all, r.URL.Query()[TokenQuery]...)
}
