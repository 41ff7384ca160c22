package searchtarget

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"

	"github.com/cairndb/cairn/projection"
)

// Fault sorts an error. What is none of the server's or the network's is the event's.
func (t *Target) Fault(err error) projection.Fault {
	var server *ServerError
	var network net.Error
	var certificate *tls.CertificateVerificationError
	var unreadable *unreadableError
	switch {
	case errors.As(err, &server):
		return server.fault()
	case errors.Is(err, ErrPublished), errors.Is(err, ErrLedgerFull), errors.As(err, &certificate), errors.As(err, &unreadable):
		return projection.FaultSetup
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, context.DeadlineExceeded):
		return projection.FaultDown
	}
	return projection.FaultEvent
}

// byType are the errors whose status says too little.
var byType = map[string]projection.Fault{
	"cluster_block_exception":                  projection.FaultDown, // read-only, because the disk is full: 403 or 429
	"es_rejected_execution_exception":          projection.FaultDown,
	"rejected_execution_exception":             projection.FaultDown,
	"circuit_breaking_exception":               projection.FaultDown,
	"unavailable_shards_exception":             projection.FaultDown,
	"no_shard_available_action_exception":      projection.FaultDown,
	"cluster_manager_not_discovered_exception": projection.FaultDown,
	"master_not_discovered_exception":          projection.FaultDown,
	"process_cluster_event_timeout_exception":  projection.FaultDown,
	"invalid_alias_name_exception":             projection.FaultSetup, // an index has the plain name
	"index_closed_exception":                   projection.FaultSetup,
	"invalid_index_name_exception":             projection.FaultSetup,
}

func (e *ServerError) fault() projection.Fault {
	if f, ok := byType[e.Type]; ok {
		return f
	}
	switch {
	case e.Status == http.StatusTooManyRequests, e.Status == http.StatusRequestTimeout, e.Status >= 500:
		return projection.FaultDown
	case e.Status == http.StatusUnauthorized, e.Status == http.StatusForbidden, e.Status == http.StatusNotFound, e.Status == http.StatusMethodNotAllowed, e.Status < 400:
		return projection.FaultSetup
	case e.Status == http.StatusConflict:
		return projection.FaultAgain
	}
	return projection.FaultEvent // 400, 413: the document is not what the index wants
}
