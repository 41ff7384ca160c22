package redistarget

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/cairndb/cairn/projection"
)

// down are how errors begin of a Redis that cannot write for now. They are listed in
// the documentation of Redis at each of the features they are of: persistence,
// replication, eviction, cluster, scripts.
var down = []string{
	"LOADING", "READONLY", "MASTERDOWN", "OOM", "MISCONF", "NOREPLICAS", "BUSY ", "UNKILLABLE",
	"CLUSTERDOWN", "TRYAGAIN", "MOVED", "ASK ", "max number of clients", "FAILOVER",
}

// setup are how those begin that a person must mend.
var setup = []string{
	"NOAUTH", "WRONGPASS", "NOPERM", "DENIED", "CROSSSLOT", "AUTH ", "invalid password", "invalid username-password",
	"DB index is out of range", "SELECT is not allowed", "unknown command 'EVAL", "The user executing the script",
	"Script attempted to access", "ACL failure in script",
}

// Fault sorts an error. An error of Redis is known by how it begins, and what is none
// of Redis, of the network or of the client is the event's.
func (t *Target) Fault(err error) projection.Fault {
	var torn *TornError
	var server redis.Error
	switch {
	case errors.As(err, &torn), errors.Is(err, ErrEvicts), errors.Is(err, ErrPublished), errors.Is(err, redis.ErrClosed):
		return projection.FaultSetup
	case errors.Is(err, redis.Nil): // a handler has read what is not there
		return projection.FaultEvent
	case errors.As(err, &server):
		return faultOf(server.Error())
	}
	return unreached(err)
}

func faultOf(said string) projection.Fault {
	said = strings.TrimPrefix(said, "ERR ")
	for _, s := range down {
		if strings.HasPrefix(said, s) {
			return projection.FaultDown
		}
	}
	for _, s := range setup {
		if strings.HasPrefix(said, s) {
			return projection.FaultSetup
		}
	}
	return projection.FaultEvent
}

// unreached sorts what is not of Redis.
func unreached(err error) projection.Fault {
	var network net.Error
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return projection.FaultSetup
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, redis.ErrPoolTimeout), errors.Is(err, redis.ErrPoolExhausted), errors.Is(err, context.DeadlineExceeded):
		return projection.FaultDown
	}
	return projection.FaultEvent
}
