package searchtarget

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// ErrPublished is the error of discarding a build that readers see.
var ErrPublished = errors.New("searchtarget: readers see this index; publish another build first")

// ErrLedgerFull is the error of a ledger that has grown too large for one document.
var ErrLedgerFull = errors.New("searchtarget: the ledger is a document of 32 MiB, and that is full; retry parked keys or drop builds, leave Lineage out, or give projections targets with prefixes of their own")

// A ServerError is an answer of the server's that is no success, or that of one item
// of a bulk request.
type ServerError struct {
	Status int    // as in HTTP
	Type   string // such as "mapper_parsing_exception"; empty where the server gave none
	Reason string
	Doing  string // what was asked for

	absent bool // it is about a document that is not there
}

// Error says what the server said.
func (e *ServerError) Error() string {
	return fmt.Sprintf("searchtarget: %s: %d %s: %s", e.Doing, e.Status, e.Type, e.Reason)
}

// An unreadableError is an answer that is not what was asked for, as from a proxy.
type unreadableError struct{ err error }

func (e *unreadableError) Error() string {
	return "the answer is not JSON as documented: " + e.err.Error()
}
func (e *unreadableError) Unwrap() error { return e.err }

// cause is how the servers write an error.
type cause struct {
	Type     string `json:"type"`
	Reason   string `json:"reason"`
	CausedBy *cause `json:"caused_by"`
}

func (c *cause) text() string {
	if c.CausedBy == nil || c.CausedBy.Reason == "" {
		return c.Reason
	}
	return c.Reason + ": " + c.CausedBy.text()
}

// refused reads the body of an error. Proxies write other ones, and so do the servers
// before they know whom they speak to.
func refused(r request, status int, body []byte) error {
	e := &ServerError{Status: status, Doing: r.method + " " + r.path, Reason: fmt.Sprintf("%.200s", body)}
	var said struct {
		Error cause `json:"error"`
		Found *bool `json:"found"`
	}
	if json.Unmarshal(body, &said) != nil {
		return e
	}
	if said.Error.Type != "" {
		e.Type, e.Reason = said.Error.Type, said.Error.text()
	}
	e.absent = status == http.StatusNotFound && (said.Found != nil && !*said.Found)
	return e
}

// is reports whether an error is a certain answer of the server's.
func is(err error, status int) bool {
	var e *ServerError
	return errors.As(err, &e) && e.Status == status
}

// absent reports whether an error says that there is no such document. A 404 of a
// proxy does not.
func absent(err error) bool {
	var e *ServerError
	return errors.As(err, &e) && e.absent
}

// kind is the type that the server gave an error, if it is one of the server's.
func kind(err error) string {
	var e *ServerError
	if errors.As(err, &e) {
		return e.Type
	}
	return ""
}
