package saga

import (
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
)

// A Definition says what a saga does, for states S, events E and commands C. It is
// used by many goroutines at once.
type Definition[S, E, C any] struct {
	// Name is the saga's. It is part of the names of its streams, and has neither
	// "-" nor "/".
	Name string

	// Events knows what the saga reacts to, timeouts included, and Commands what it
	// sends.
	Events   codec.Codec[E]
	Commands codec.Codec[C]

	// Query narrows the events down. Nil means all of the types that Events knows.
	Query cairn.Query

	// Correlate names the instance that an event is for; none if it is empty. It
	// must depend on the event only. It is not asked about timeouts.
	Correlate func(e E, r *cairn.Recorded) string

	// Starts reports whether an event starts an instance that is not there.
	Starts func(E) bool

	// Initial makes the state of an instance that has seen nothing. Nil means the
	// zero S.
	Initial func() S

	// Evolve returns the state after one more event. It must be pure.
	Evolve func(S, E) S

	// Decide says what to do about an event, which the state of the situation has
	// folded in already. It must be pure too: it may be called several times for one
	// event, and what counts is stored. An error is tried again, and then parks the
	// instance.
	Decide func(Situation[S], E) (Decision[E, C], error)
}

// A Situation is what a decision is made on.
type Situation[S any] struct {
	ID           string
	State        S
	Compensating bool
	Timers       []string       // the names of those that are set, sorted
	Event        cairn.Recorded // as it was stored
	Now          time.Time      // by the clock of the options
}

// A Decision is what to do about an event. The zero Decision is to wait for the next.
type Decision[E, C any] struct {
	// Send are the messages to append: commands, and events for others.
	Send []Message[C]

	// Undo are messages that would undo what is done here. They are kept for
	// Compensate.
	Undo []Message[C]

	// After are timers to set, and Cancel the names of those to cancel before that.
	After  []Timer[E]
	Cancel []string

	// Compensate, if not empty, is why to go back: all that was registered in Undo
	// is sent, the last first, before what is in Send.
	Compensate string

	// End ends the instance. Its timers are cancelled.
	End bool
}

// A Message is something to be appended to a stream, wherever that stands.
type Message[C any] struct {
	Stream string
	Body   C
}

// To makes messages for one stream.
func To[C any](stream string, bodies ...C) []Message[C] {
	all := make([]Message[C], len(bodies))
	for i, b := range bodies {
		all[i] = Message[C]{stream, b}
	}
	return all
}

// A Timer is an event that comes back to the instance later.
type Timer[E any] struct {
	Name  string        // of the timer, in the instance; without "/"
	After time.Duration // from now, by the clock of the options; not if At is set
	At    time.Time
	Event E
}

// due is when the timer is due.
func (t *Timer[E]) due(now time.Time) time.Time {
	if t.At.IsZero() {
		return now.Add(t.After)
	}
	return t.At
}
