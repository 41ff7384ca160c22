package targettest

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"
)

// A recorder takes the place of a test, to see whether a check fails.
type recorder struct {
	testing.TB
	mu    sync.Mutex
	fails []string
}

func (r *recorder) fail(says string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fails = append(r.fails, says)
}

func (r *recorder) Helper()                        {}
func (r *recorder) Error(args ...any)              { r.fail(fmt.Sprint(args...)) }
func (r *recorder) Errorf(format string, a ...any) { r.fail(fmt.Sprintf(format, a...)) }

func (r *recorder) Fatal(args ...any) {
	r.fail(fmt.Sprint(args...))
	runtime.Goexit()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.fail(fmt.Sprintf(format, args...))
	runtime.Goexit()
}

func (r *recorder) Skip(...any)          { runtime.Goexit() }
func (r *recorder) Skipf(string, ...any) { runtime.Goexit() }

// record plays a check to its end, whichever that is, and returns how it failed.
func record[Tx any](t *testing.T, c check[Tx], s Subject[Tx], patience time.Duration) []string {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.play(r, s, patience)
	}()
	<-done
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fails
}
