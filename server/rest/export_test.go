package rest

import (
	"net/http"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// Routes are the method and path of each route.
func Routes() (all []string) {
	for _, r := range (&service{}).routes() {
		all = append(all, r.method+" "+r.path)
	}
	return all
}

// Kinds are the names of the kinds of problems.
func Kinds() (all []string) {
	for _, k := range []kind{
		invalid, unauthenticated, denied, readOnly, notFound, methodNotAllowed, notAcceptable, slowBody, conflicting,
		preconditionFailed, deleted, tooLarge, unsupported, internal, corrupt, unknownOutcome, unavailable, busy, noSpace,
	} {
		all = append(all, k.name)
	}
	return all
}

// Middle is what New serves, for a test to reach into.
func Middle(store cairn.Store, c *access.Control, o Options) (h http.Handler, followers, imports func() int) {
	s := newService(store, c, o)
	return &Handler{s.handler(), s.receivers}, func() int { return len(s.followers) }, func() int { return len(s.imports) }
}

// DecodeAsk and DecodeSettlements read the bodies of requests to receive and to
// settle, and say whether they are within their bounds.
func DecodeAsk(text []byte) (within bool, err error) {
	a, err := decodeAsk(text)
	return a.limit > 0 && a.limit <= maxDeliveries && a.wait >= 0 && a.wait <= maxWait, err
}

func DecodeSettlements(text []byte) (within bool, err error) {
	all, err := decodeSettlements(text)
	within = len(all) > 0 && len(all) <= maxSettlements
	for _, o := range all {
		within = within && o.id != "" && o.outcome != "" && o.after >= 0 && len(o.reason) <= maxReason
	}
	return within, err
}
