package redistarget_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/redistarget"
)

type said string

func (s said) Error() string { return string(s) }
func (said) RedisError()     {}

func TestFaults(t *testing.T) {
	target := redistarget.New(redis.NewClient(&redis.Options{}), nil)
	for want, errs := range map[projection.Fault][]error{
		projection.FaultDown: {said("LOADING Redis is loading the dataset in memory"), said("READONLY You can't write against a read only replica."),
			said("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."), said("OOM command not allowed when used memory > 'maxmemory'."),
			said("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk."), said("NOREPLICAS Not enough good replicas to write."),
			said("BUSY Redis is busy running a script."), said("CLUSTERDOWN Hash slot not served"), said("TRYAGAIN Multiple keys request during rehashing of slot"),
			said("ERR max number of clients reached"), io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, redis.ErrPoolTimeout, context.DeadlineExceeded,
			&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, &net.DNSError{Err: "no such host"}},
		projection.FaultSetup: {said("NOAUTH Authentication required."), said("WRONGPASS invalid username-password pair or user is disabled."),
			said("NOPERM this user has no permissions to run the 'set' command"), said("DENIED Redis is running in protected mode"),
			said("CROSSSLOT Keys in request don't hash to the same slot"), said("ERR DB index is out of range"), redis.ErrClosed, redistarget.ErrEvicts, redistarget.ErrPublished,
			said("ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?"),
			&redistarget.TornError{Command: &redistarget.CommandError{Err: said("ERR x")}, Undo: said("OOM x")}, &tls.CertificateVerificationError{Err: errors.New("x")}},
		projection.FaultEvent: {said("WRONGTYPE Operation against a key holding the wrong kind of value"), said("ERR value is not an integer or out of range"),
			said("ERR unknown command"), errors.New("of a handler"), redis.Nil, redistarget.ErrMisused, context.Canceled},
	} {
		for _, err := range errs {
			for _, err := range []error{err, fmt.Errorf("wrapped: %w", err), &projection.EventError{Position: 1, Err: err}} {
				if got := target.Fault(err); got != want {
					t.Errorf("%v is %v, want %v", err, got, want)
				}
			}
		}
	}
}
