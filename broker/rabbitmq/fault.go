package rabbitmq

import (
	"errors"
	"fmt"
	"strings"

	amqp "github.com/rabbitmq/amqp091-go"
)

// An InvalidError is an option that cannot be.
type InvalidError struct {
	Field  string
	Reason string
}

// Error says which and why.
func (e *InvalidError) Error() string { return fmt.Sprintf("rabbitmq: %s %s", e.Field, e.Reason) }

// A SubscribeError is what ended a subscription, because connecting again would
// not mend it.
type SubscribeError struct {
	Queue string
	Err   error
	Hint  string // what an operator can do about it
}

// Error says what and what to do.
func (e *SubscribeError) Error() string {
	return fmt.Sprintf("rabbitmq: cannot subscribe to queue %q: %v; %s", e.Queue, e.Err, e.Hint)
}

// Unwrap returns the cause.
func (e *SubscribeError) Unwrap() error { return e.Err }

// hint says what can be done about an error of the broker. It is empty for those
// that pass by themselves, which connecting again mends.
func hint(err error) string {
	switch {
	case errors.Is(err, amqp.ErrCredentials):
		return "the broker does not know the user or the password of the URL, or is shutting down"
	case errors.Is(err, amqp.ErrVhost):
		return "the user may not use the virtual host of the URL, or the broker is shutting down"
	case errors.Is(err, amqp.ErrSASL):
		return "the broker takes no name and password, use its way of authentication"
	}
	e, ok := errors.AsType[*amqp.Error](err)
	if !ok {
		return ""
	}
	switch e.Code {
	case amqp.NotFound:
		return "declare what is missing, or use the Declare option"
	case amqp.AccessRefused:
		return "give the user the permission that is named"
	case amqp.PreconditionFailed:
		return "it exists with other settings than declared, or a limit of the broker is in the way"
	case amqp.ResourceLocked:
		return "another connection has it exclusively"
	case amqp.NotAllowed: // what opening a virtual host that is not there ends with
		return "the virtual host of the URL does not exist, or the broker does not allow what is named"
	}
	return ""
}

// final tells whether connecting again would not mend it. When a broker hangs up
// while shaking hands, the client takes it for a wrong password: that is believed
// when it has happened twice in a row, and the password was never right before.
// What the broker says it means.
func final(err error, failures int, before bool) bool {
	e, ok := errors.AsType[*amqp.Error](err)
	return ok && hint(err) != "" && (e.Server || !before && failures >= 2)
}

// aboutThis tells whether the broker closed a channel because of this very
// message, and not of another that was under way.
func aboutThis(err error, topic string, size int) bool {
	e, ok := errors.AsType[*amqp.Error](err)
	if !ok {
		return false
	}
	return e.Code == amqp.PreconditionFailed && strings.Contains(e.Reason, fmt.Sprintf("message size %d larger", size)) ||
		e.Code == amqp.AccessRefused && strings.Contains(e.Reason, fmt.Sprintf("access to topic '%s'", topic))
}
