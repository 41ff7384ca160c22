package inbox

import (
	"errors"
	"fmt"
	"time"

	"github.com/cairndb/cairn/broker"
)

var (
	// ErrMismatch is matched by every [*MismatchError].
	ErrMismatch = errors.New("inbox: same ID, other content")
	// ErrLate is matched by every [*LateError].
	ErrLate = errors.New("inbox: too old to know whether it was handled")
)

// A MismatchError reports a message whose source and ID were handled before
// with other content. It matches broker.ErrRejected: another attempt would end
// the same way, so it belongs to the dead letters.
type MismatchError struct {
	Inbox       string
	Arrival     Arrival   // the second one
	Handled     Sum       // the content of the first one
	HandledTime time.Time // when that was
}

// Error names both.
func (e *MismatchError) Error() string {
	return fmt.Sprintf("inbox: %q of source %q was handled in %q at %s with content %x, and now is %x; whoever sends it gives away IDs twice",
		e.Arrival.ID, e.Arrival.Source, e.Inbox, e.HandledTime.UTC().Format(time.RFC3339), e.Handled[:6], e.Arrival.Sum[:6])
}

// Is matches ErrMismatch and broker.ErrRejected.
func (e *MismatchError) Is(target error) bool {
	return target == ErrMismatch || target == broker.ErrRejected
}

// A LateError reports a message that is older than what the inbox remembers.
// It matches broker.ErrRejected.
type LateError struct {
	Inbox   string
	Arrival Arrival
	Keep    time.Duration
}

// Error says how old it may be.
func (e *LateError) Error() string {
	return fmt.Sprintf("inbox: %q of source %q is from %s, and %q remembers %v only; handle it by hand, or keep marks for longer",
		e.Arrival.ID, e.Arrival.Source, e.Arrival.Time.UTC().Format(time.RFC3339), e.Inbox, e.Keep)
}

// Is matches ErrLate and broker.ErrRejected.
func (e *LateError) Is(target error) bool { return target == ErrLate || target == broker.ErrRejected }
