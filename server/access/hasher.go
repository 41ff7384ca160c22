package access

import (
	"context"
	"sync/atomic"
)

// maxWaiting is how many callers wait for their turn to have a password hashed.
// Those who come when so many do would not have it before their deadline.
const maxWaiting = 64

// A hasher hashes few passwords at a time, as each takes a core for long.
type hasher struct {
	iterations int
	turns      chan struct{}
	waiting    atomic.Int32
}

func newHasher(iterations, turns int) *hasher {
	return &hasher{iterations: iterations, turns: make(chan struct{}, turns)}
}

// hash makes what is to be stored of a password.
func (h *hasher) hash(ctx context.Context, password string) (hash, error) {
	if err := h.enter(ctx); err != nil {
		return hash{}, err
	}
	defer h.leave()
	return newHash(password, h.iterations)
}

// verify reports whether a password is the one that is stored.
func (h *hasher) verify(ctx context.Context, stored hash, password string) (bool, error) {
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	return stored.matches(password, h.iterations, derive), nil
}

// enter waits for a turn, which leave ends.
func (h *hasher) enter(ctx context.Context) error {
	defer h.waiting.Add(-1)
	if h.waiting.Add(1) > maxWaiting {
		return ErrBusy
	}
	select {
	case h.turns <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (h *hasher) leave() { <-h.turns }
