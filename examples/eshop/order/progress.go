package order

// What the order process says may come late, or be about an order that has been
// cancelled meanwhile. An order takes from it what still applies, and the rest is
// no news: such decisions have no events, and no errors.

// Pay notes that an order was paid. If that is not what the order comes to, it was
// changed meanwhile, and the right amount is on its way.
func Pay(cents int64) Decision {
	return func(s State) ([]Event, error) {
		if s.Status != Created || s.Cents != cents {
			return nil, nil
		}
		return []Event{OrderPaid{Cents: cents}}, nil
	}
}

// Advance has an order go from one status to the next.
func Advance(from Status, e Event) Decision {
	return func(s State) ([]Event, error) {
		if s.Status != from {
			return nil, nil
		}
		return []Event{e}, nil
	}
}

// Complete ends an order whose goods are set aside.
func Complete() Decision {
	return func(s State) ([]Event, error) {
		return Advance(AllocationPending, OrderAllocated{Customer: s.Customer, Cents: s.Cents})(s)
	}
}

// Fail ends an order that cannot be carried out.
func Fail(stage, reason string) Decision {
	return func(s State) ([]Event, error) {
		if s.Status == Unplaced || s.Ended() {
			return nil, nil
		}
		return []Event{OrderFailed{Customer: s.Customer, Stage: stage, Reason: reason}}, nil
	}
}

// Refund notes that money was paid back.
func Refund(cents int64) Decision {
	return func(s State) ([]Event, error) {
		if cents == 0 || s.Refunded > 0 || !s.Ended() {
			return nil, nil
		}
		return []Event{OrderRefunded{Cents: cents}}, nil
	}
}
