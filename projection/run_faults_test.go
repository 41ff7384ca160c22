package projection_test

import (
	"context"
	"errors"
	"sync"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
)

var (
	errTxLost  = errors.New("the transaction lost")
	errTxDown  = errors.New("the database is down")
	errTxMend  = errors.New("somebody has to mend it")
	errTxAfter = errors.New("the answer is lost")
)

// A shaky target fails as it is told to. A fault is asked for before each change:
// errTxAfter makes the change and then fails, any other error fails at once.
type shaky struct {
	*memtarget.Target
	mu    sync.Mutex
	fault func(c projection.Change) error
}

func newShaky(fault func(c projection.Change) error) *shaky {
	return &shaky{Target: memtarget.New(), fault: fault}
}

func (s *shaky) set(fault func(c projection.Change) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

func (s *shaky) around(c projection.Change, do func() error) error {
	s.mu.Lock()
	var err error
	if s.fault != nil {
		err = s.fault(c)
	}
	s.mu.Unlock()
	if err != nil && err != errTxAfter {
		return err
	}
	return errors.Join(do(), err)
}

func (s *shaky) Update(ctx context.Context, c projection.Change, fn func(context.Context, *memtarget.Tx) error) error {
	return s.around(c, func() error { return s.Target.Update(ctx, c, fn) })
}

func (s *shaky) Apply(ctx context.Context, c projection.Change) error {
	return s.around(c, func() error { return s.Target.Apply(ctx, c) })
}

func (s *shaky) Fault(err error) projection.Fault {
	switch {
	case errors.Is(err, errTxLost):
		return projection.FaultAgain
	case errors.Is(err, errTxDown), errors.Is(err, errTxAfter):
		return projection.FaultDown
	case errors.Is(err, errTxMend):
		return projection.FaultSetup
	}
	return s.Target.Fault(err)
}
