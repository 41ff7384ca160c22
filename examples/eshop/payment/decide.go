package payment

// A Mode is how payments go.
type Mode string

// The modes.
const (
	OK   Mode = "ok"
	Slow Mode = "slow"
	Fail Mode = "fail"
)

const declined = "the bank has declined"

// Ask wants so much to have been paid all in all. What is to be taken for that may
// fail or be slow, as the mode says; what is to be given back never is.
func Ask(customer string, cents int64, m Mode) func(State) ([]Event, error) {
	return func(s State) ([]Event, error) {
		if s.Closed {
			return nil, nil // it was refunded: whoever asked did so before
		}
		asked := []Event{Requested{Customer: customer, Cents: cents}}
		switch taking := cents > s.Paid; {
		case taking && m == Slow:
			return asked, nil
		case taking && m == Fail:
			return append(asked, Refused{Customer: customer, Reason: declined}), nil
		}
		return append(asked, s.Evolve(asked[0]).settle()...), nil
	}
}

// Settle takes what is still asked for, if anything is.
func Settle(s State) ([]Event, error) {
	if s.Closed || s.Paid == s.Asked {
		return nil, nil
	}
	return s.settle(), nil
}

// settle makes what was paid what was asked for.
func (s State) settle() []Event {
	if less := s.Paid - s.Asked; less > 0 {
		return []Event{Returned{Customer: s.Customer, Cents: less, Paid: s.Asked}}
	}
	return []Event{Charged{Customer: s.Customer, Cents: s.Asked - s.Paid, Paid: s.Asked}}
}

// Refund gives everything back, once.
func Refund(reason string) func(State) ([]Event, error) {
	return func(s State) ([]Event, error) {
		if s.Closed {
			return nil, nil
		}
		return []Event{Refunded{Customer: s.Customer, Cents: s.Paid, Reason: reason}}, nil
	}
}
