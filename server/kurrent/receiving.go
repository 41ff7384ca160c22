package kurrent

import (
	"sync"

	"google.golang.org/grpc/codes"
)

// mostReceived is how many bytes there may be in appends whose last message has
// not come, over all calls together. Each call has its own limits, but anybody can
// open many calls and end none of them.
const mostReceived = 1 << 30

// A receipts counts what all calls have received of appends that are not complete.
type receipts struct {
	most int // zero means mostReceived

	mu   sync.Mutex
	held int
}

// A receiving is the part of one call in it. Its methods may be called
// concurrently.
type receiving struct {
	all  *receipts
	mine int
	over bool
}

// add counts bytes; fewer are negative. It fails if that is too much, and when
// the call is over.
func (r *receiving) add(n int) error {
	r.all.mu.Lock()
	defer r.all.mu.Unlock()
	if r.over {
		return errShutdown
	}
	r.mine += n
	r.all.held += n
	if n > 0 && r.all.held > atMost(r.all.most, mostReceived) {
		return newFault(codes.Unavailable, "Server Is Too Busy", "")
	}
	return nil
}

// release is called at the end of the call.
func (r *receiving) release() {
	r.all.mu.Lock()
	defer r.all.mu.Unlock()
	r.all.held -= r.mine
	r.mine, r.over = 0, true
}
