package account

// State is what the events of an account add up to. The zero State is that of
// an account that was never opened.
type State struct {
	Name    string `json:"name"`
	Status  Status `json:"status"`
	Balance Money  `json:"balance"`
}

// Status says where an account is in its life.
type Status uint8

const (
	Missing Status = iota // it was never opened
	Live                  // money may move
	Ended                 // it was closed
)

// String returns "missing", "open" or "closed".
func (s Status) String() string { return [...]string{"missing", "open", "closed", "closed"}[s&3] }

// Evolve is the state after one more event. It never refuses: what has happened
// has happened.
func (s State) Evolve(e Event) State {
	switch e := e.(type) {
	case Opened:
		s.Name, s.Status = e.Name, Live
	case Closed:
		s.Status = Ended
	}
	s.Balance += Effect(e)
	return s
}

// Effect is what an event adds to the balance.
func Effect(e Event) Money {
	switch e := e.(type) {
	case Deposited:
		return e.Amount
	case Withdrawn:
		return -e.Amount
	case TransferSent:
		return -e.Amount
	case TransferReceived:
		return e.Amount
	}
	return 0
}
