package rest

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/ndjson"
)

// A standing is where a stream stands, or is expected to: a revision as a
// number, or the name of a state.
type standing cairn.Revision

var standings = map[string]cairn.Revision{
	"no-stream":     cairn.NoStream,
	"any":           cairn.Any,
	"stream-exists": cairn.StreamExists,
	"soft-deleted":  cairn.SoftDeleted,
	"tombstoned":    cairn.Tombstoned,
}

// MarshalJSON writes the number or the name.
func (s standing) MarshalJSON() ([]byte, error) {
	for name, at := range standings {
		if at == cairn.Revision(s) {
			return []byte(`"` + name + `"`), nil
		}
	}
	return strconv.AppendInt(nil, int64(s), 10), nil
}

var errStanding = errors.New(`neither a revision, which is a number from 0, nor one of "no-stream", "any" and "stream-exists"`)

// parseStanding reads what a stream may be expected to be. Whether it may be
// expected here is for [cairn.Batch.Validate] to say.
func parseStanding(s string) (cairn.Revision, error) {
	if at, ok := standings[s]; ok {
		return at, nil
	}
	n, err := parseNumber(s, math.MaxInt64)
	if err != nil {
		return 0, fmt.Errorf("%.40q is %w", s, errStanding)
	}
	return cairn.Revision(n), nil
}

// parseStandingJSON is parseStanding for a JSON value: names are strings and
// revisions are numbers.
func parseStandingJSON(value []byte) (cairn.Revision, error) {
	if value[0] != '"' {
		return parseStanding(string(value))
	}
	name, err := ndjson.Text(value)
	if err != nil {
		return 0, err
	}
	at, ok := standings[name]
	if !ok {
		return 0, fmt.Errorf("%.40q is %w", name, errStanding)
	}
	return at, nil
}

// parseNumber reads a number that is written the one way that there is.
func parseNumber(s string, most uint64) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n > most || strconv.FormatUint(n, 10) != s {
		return 0, fmt.Errorf("%.40q is not a number from 0 to %d", s, most)
	}
	return n, nil
}

// tag is the entity tag of a revision.
func tag(at cairn.Revision) string { return `"` + strconv.FormatInt(int64(at), 10) + `"` }

// An expectation is where the caller wants a stream to stand, and whether it
// was said as a precondition of HTTP.
type expectation struct {
	at           cairn.Revision
	precondition bool
}

// expected reads the expectation of a request: If-Match, If-None-Match or the
// parameter "expected". Without any it is [cairn.Any].
func expected(r *http.Request, q *params) (expectation, error) {
	match, none, param := r.Header.Values("If-Match"), r.Header.Values("If-None-Match"), q.text("expected")
	switch {
	case q.err != nil:
		return expectation{}, q.err
	case len(match)+len(none) > 1 || len(match)+len(none) > 0 && param != "":
		return expectation{}, wrong("If-Match", "If-Match, If-None-Match and expected exclude each other, and each is given once")
	case len(none) == 1 && none[0] != "*":
		return expectation{}, wrong("If-None-Match", `%.40q is not *, which expects no stream`, none[0])
	case len(none) == 1:
		return expectation{cairn.NoStream, true}, nil
	case len(match) == 1:
		at, err := parseMatch(match[0])
		return expectation{at, true}, err
	case param != "":
		at, err := parseStanding(param)
		if err != nil {
			return expectation{}, wrong("expected", "%v", err)
		}
		return expectation{at, false}, nil
	}
	return expectation{at: cairn.Any}, nil
}

func parseMatch(s string) (cairn.Revision, error) {
	if s == "*" {
		return cairn.StreamExists, nil
	}
	inner, ok := strings.CutPrefix(s, `"`)
	inner, closed := strings.CutSuffix(inner, `"`)
	n, err := parseNumber(inner, math.MaxInt64)
	if !ok || !closed || err != nil {
		return 0, wrong("If-Match", `%.40q is neither * nor one revision in quotes, such as "12"`, s)
	}
	return cairn.Revision(n), nil
}

// refusal is the error of a write that was refused: a failed precondition if
// that is what the caller gave.
func (e expectation) refusal(err error) error {
	if c, ok := errors.AsType[*cairn.ConflictError](err); ok && e.precondition {
		return conflictProblem(preconditionFailed, c)
	}
	return err
}

// streamPath is the path of a stream.
func streamPath(stream string) string {
	escaped := url.PathEscape(stream)
	if stream == "." || stream == ".." {
		escaped = strings.ReplaceAll(stream, ".", "%2E")
	}
	return Prefix + "/streams/" + escaped
}

// streamOf is the stream that a request is about.
func streamOf(r *http.Request) (string, error) {
	stream := r.PathValue("stream")
	return stream, cairn.ValidateStream("stream", stream)
}
