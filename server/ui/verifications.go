package ui

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/cairndb/cairn"
)

// verifications are run in the background, one at a time; what the latest has
// found is kept until the next begins. The methods may be called concurrently.
type verifications struct {
	run     func(ctx context.Context, progress func(done, total int64)) (Verification, error)
	log     *slog.Logger
	running sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	latest  verification
	cancel  context.CancelFunc // ends the one that runs
	changed chan struct{}      // closed, and replaced, when one begins or ends
}

// A verification is how one stands, or what came of it.
type verification struct {
	Begun, Ended time.Time // zero if it has not
	Done, Total  int64     // bytes of the log
	Stopping     bool      // somebody has had enough of it
	Failed       string    // why it did not come to its end
	Verification
}

// Running reports whether it has begun and not ended.
func (v verification) Running() bool { return !v.Begun.IsZero() && v.Ended.IsZero() }

// Took is how long it took.
func (v verification) Took() time.Duration { return v.Ended.Sub(v.Begun) }

// Log reports whether all of the log was read; the index comes after it.
func (v verification) Log() bool { return v.Total > 0 && v.Done >= v.Total }

func newVerifications(o Options) *verifications {
	return &verifications{run: o.Verify, log: o.Logger, changed: make(chan struct{})}
}

var errVerifying = &problem{http.StatusConflict, "The store is being verified already", "One verification runs at a time.", "Wait for it, or stop it."}

// start begins one, unless one runs.
func (v *verifications) start() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return cairn.ErrClosed
	}
	if v.latest.Running() {
		return errVerifying
	}
	ctx, cancel := context.WithCancel(context.Background())
	v.latest, v.cancel = verification{Begun: time.Now()}, cancel
	v.tell()
	v.running.Go(func() {
		defer cancel()
		v.log.Info("verifying the store")
		found, err := v.run(ctx, v.progress)
		v.end(found, err, ctx.Err() != nil)
	})
	return nil
}

// tell wakes those who look, for who holds the lock.
func (v *verifications) tell() {
	close(v.changed)
	v.changed = make(chan struct{})
}

func (v *verifications) progress(done, total int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.latest.Done, v.latest.Total = done, total
}

// end keeps what was found.
func (v *verifications) end(found Verification, err error, stopped bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.latest.Verification, v.latest.Ended = found, time.Now()
	switch {
	case stopped:
		v.latest.Failed = "It was stopped."
		v.log.Info("the verification was stopped")
	case err != nil:
		v.latest.Failed = clip(err.Error(), maxProblem)
		v.log.Error("the verification failed", "error", err)
	case len(found.Problems) > 0:
		v.log.Error("the store is damaged", "problems", len(found.Problems), "first", found.Problems[0])
	default:
		v.log.Info("the store is verified, all is well", "events", found.Events, "took", v.latest.Took())
	}
	v.tell()
}

// stop ends the one that runs, soon.
func (v *verifications) stop() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.latest.Running() {
		v.latest.Stopping = true
		v.cancel()
		v.tell()
	}
}

// look is how the latest stands, and what is closed when that changes by more than
// its progress.
func (v *verifications) look() (verification, <-chan struct{}) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.latest, v.changed
}

// close ends the one that runs, waits for it, and lets none begin.
func (v *verifications) close() {
	v.mu.Lock()
	v.closed = true
	v.mu.Unlock()
	v.stop()
	v.running.Wait()
}
