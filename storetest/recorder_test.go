package storetest

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
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
func (r *recorder) Log(...any)                     {}
func (r *recorder) Logf(string, ...any)            {}
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

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.fails) > 0
}

// record plays a check to its end, whichever that is, and returns how it failed.
func record(t *testing.T, c check, b *bench) []string {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				r.fail(fmt.Sprint("panic: ", p))
			}
		}()
		c.play(r, b)
	}()
	<-done
	return r.fails
}
