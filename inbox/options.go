package inbox

import (
	"cmp"
	"time"

	"github.com/cairndb/cairn"
)

// Hooks are told what became of arrivals, by several goroutines at once, and
// must be quick. Nil ones are not called.
type Hooks struct {
	OnHandled   func(Arrival)        // its effect was stored
	OnDuplicate func(Arrival)        // it had been handled before, and was left alone
	OnMismatch  func(*MismatchError) // the same, but its content differs
	OnLate      func(*LateError)     // it was refused for its age
}

// Rules say what is remembered and what is refused. Those who share an inbox
// must agree in them.
type Rules struct {
	// Keep is how long an arrival is remembered, at least. Zero means 7 days. It
	// should be longer than any broker in front keeps what it delivers again.
	Keep time.Duration

	// RefuseLate refuses, with a [*LateError], what was said longer ago than
	// Keep, by its own time and this machine's clock, as nobody can know whether
	// it was handled. Otherwise it is handled. What says no time is handled.
	RefuseLate bool

	// IgnoreMismatch treats an arrival with a known ID and other content as a
	// duplicate. Hooks.OnMismatch is told all the same. Otherwise it is a
	// [*MismatchError].
	IgnoreMismatch bool
}

// DefaultKeep is how long arrivals are remembered where nothing else is said.
const DefaultKeep = 7 * 24 * time.Hour

// WithDefaults are the rules with defaults for what is zero. An [*cairn.InvalidError]
// names what makes no sense.
func (r Rules) WithDefaults() (Rules, error) {
	r.Keep = cmp.Or(r.Keep, DefaultKeep)
	if r.Keep < 0 {
		return r, &cairn.InvalidError{Field: "keep", Problem: "must not be negative"}
	}
	return r, nil
}

// Admit checks an arrival before it is looked up: it must have an ID, and not be
// too late if that is refused.
func (r Rules) Admit(inbox string, a Arrival, h *Hooks) error {
	if err := a.Validate(); err != nil {
		return err
	}
	if !r.RefuseLate || a.Time.IsZero() || time.Since(a.Time) <= r.Keep {
		return nil
	}
	late := &LateError{Inbox: inbox, Arrival: a, Keep: r.Keep}
	if h.OnLate != nil {
		h.OnLate(late)
	}
	return late
}

// Repeated says what an arrival comes to that was handled before with some
// content at some time: nil, or a [*MismatchError].
func (r Rules) Repeated(inbox string, a Arrival, handled Sum, at time.Time, h *Hooks) error {
	same := a.Sum == handled || a.Sum == Sum{} || handled == Sum{}
	if same || r.IgnoreMismatch {
		if h.OnDuplicate != nil {
			h.OnDuplicate(a)
		}
	}
	if same {
		return nil
	}
	mismatch := &MismatchError{Inbox: inbox, Arrival: a, Handled: handled, HandledTime: at}
	if h.OnMismatch != nil {
		h.OnMismatch(mismatch)
	}
	if r.IgnoreMismatch {
		return nil
	}
	return mismatch
}

// Done tells the hook that an arrival was handled.
func (h *Hooks) Done(a Arrival) {
	if h.OnHandled != nil {
		h.OnHandled(a)
	}
}

// Options are the settings of an inbox. The zero value is right for most.
type Options struct {
	Rules
	Hooks

	// KeepCount is how many arrivals are remembered at most, however young they
	// are. Zero is no limit.
	KeepCount int64

	// SweepEvery is how often to forget old marks, when something arrives. Zero
	// means a hundredth of Keep, between a second and an hour.
	SweepEvery time.Duration

	// Attempts is how often to ask the handler again when what it has returned
	// conflicts with what others have stored meanwhile. Zero means 16.
	Attempts int
}

func (o Options) withDefaults() (_ Options, err error) {
	if o.Rules, err = o.Rules.WithDefaults(); err != nil {
		return o, err
	}
	o.SweepEvery = cmp.Or(o.SweepEvery, min(max(o.Keep/100, time.Second), time.Hour))
	o.Attempts = cmp.Or(o.Attempts, 16)
	switch {
	case o.KeepCount < 0:
		return o, &cairn.InvalidError{Field: "keep count", Problem: "must not be negative"}
	case o.SweepEvery < 0:
		return o, &cairn.InvalidError{Field: "sweep every", Problem: "must not be negative"}
	case o.Attempts < 0:
		return o, &cairn.InvalidError{Field: "attempts", Problem: "must not be negative"}
	}
	return o, nil
}
