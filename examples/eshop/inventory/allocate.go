package inventory

import (
	"context"
	"errors"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/eshop/contract"
)

// allocate plans the batch that sets all goods of an order aside, or the event that
// says why none are. The batch expects every stream that it is decided on to stand
// where it was read; if somebody else was quicker it is planned again.
func (s *Service) allocate(ctx context.Context, e contract.AllocationRequestedV1) (b cairn.Batch, err error) {
	mode, err := s.modes.Get(ctx)
	if err != nil {
		return b, err
	}
	var reserved []cairn.Write
	answer, _, err := s.allocations.Plan(ctx, AllocationOf(e.Order), func(a Allocation) ([]AllocationEvent, error) {
		if a.Answered || a.Closed {
			return nil, nil
		}
		if mode.Mode == Fail {
			return []AllocationEvent{Failed{"the warehouse is closed"}}, nil
		}
		var err error
		reserved, err = s.reserve(ctx, e)
		if short, ok := errors.AsType[*ShortError](err); ok {
			return []AllocationEvent{Failed{short.Error()}}, nil
		}
		return []AllocationEvent{Made{e.Lines}}, err
	})
	return cairn.Batch{Writes: append(reserved, answer)}, err
}

func (s *Service) reserve(ctx context.Context, e contract.AllocationRequestedV1) (writes []cairn.Write, err error) {
	for _, l := range e.Lines {
		w, _, err := s.stock.Plan(ctx, StockOf(l.SKU), Reserve(e.Order, l))
		if err != nil {
			return nil, err
		}
		writes = append(writes, w)
	}
	return writes, nil
}

// release plans the batch that undoes an allocation. One that was never asked for
// is closed, so that nothing is set aside if the question comes late.
func (s *Service) release(ctx context.Context, e contract.ReleaseRequestedV1) (cairn.Batch, error) {
	var released []cairn.Write
	answer, _, err := s.allocations.Plan(ctx, AllocationOf(e.Order), func(a Allocation) (events []AllocationEvent, err error) {
		if a.Closed {
			return nil, nil
		}
		for _, l := range a.Lines {
			w, _, err := s.stock.Plan(ctx, StockOf(l.SKU), Release(e.Order, l))
			if err != nil {
				return nil, err
			}
			released = append(released, w)
		}
		return []AllocationEvent{Undone{a.Lines, e.Reason}}, nil
	})
	return cairn.Batch{Writes: append(released, answer)}, err
}

// listed counts a product that is new.
func (s *Service) listed(ctx context.Context, e contract.ProductListedV1) (cairn.Batch, error) {
	w, _, err := s.stock.Plan(ctx, StockOf(e.SKU), Count(s.o.First, true))
	return cairn.Batch{Writes: []cairn.Write{w}}, err
}
