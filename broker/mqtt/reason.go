package mqtt

import (
	"crypto/tls"
	"errors"
	"fmt"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/paho"

	"github.com/cairndb/cairn/broker"
)

// A ReasonError is what a broker says by a reason code of MQTT 5.
type ReasonError struct {
	Code byte
	Text string // what the broker says besides, often nothing
}

// Error says what the code means.
func (e *ReasonError) Error() string {
	s := fmt.Sprintf("the broker answered 0x%02x", e.Code)
	if r, ok := reasons[e.Code]; ok {
		s += ", " + r.means
	}
	if e.Text != "" {
		s += ": " + e.Text
	}
	return s
}

// The codes that are spoken of elsewhere.
const (
	noSubscribers = 0x10
	takenOver     = 0x8e
	tooLarge      = 0x95
)

// A reason is what a code means, to whom a message matters.
type reason struct {
	means string
	kind  error // of a message that is answered so
	hint  string
	final bool // connecting or subscribing again would be answered the same
}

var reasons = map[byte]reason{
	0x80: {means: "unspecified error"},
	0x83: {means: "implementation specific error", hint: "the message may be larger than the broker is set to take, see its log"},
	0x84: {means: "unsupported protocol version", kind: broker.ErrUnavailable, hint: "the broker must speak MQTT 5", final: true},
	0x85: {means: "client identifier not valid", kind: broker.ErrUnavailable, hint: "choose another ClientID", final: true},
	0x86: {means: "bad user name or password", kind: broker.ErrUnavailable, hint: "check User and Password", final: true},
	0x87: {means: "not authorized", kind: broker.ErrRejected, hint: "have the broker allow the user this topic", final: true},
	0x88: {means: "server unavailable", kind: broker.ErrUnavailable},
	0x89: {means: "server busy", kind: broker.ErrUnavailable},
	0x8a: {means: "banned", kind: broker.ErrUnavailable, hint: "the broker bans this client", final: true},
	0x8c: {means: "bad authentication method", kind: broker.ErrUnavailable, hint: "use the broker's way of authentication", final: true},
	0x8e: {means: "session taken over", kind: broker.ErrUnavailable, hint: "another client has the same ClientID", final: true},
	0x8f: {means: "topic filter invalid", kind: broker.ErrRejected, hint: "correct the topic filter", final: true},
	0x90: {means: "topic name invalid", kind: broker.ErrRejected, hint: "the broker does not take this topic"},
	0x91: {means: "packet identifier in use"},
	0x93: {means: "receive maximum exceeded", kind: broker.ErrUnavailable},
	0x95: {means: "packet too large", kind: broker.ErrRejected, hint: "the broker is set to take less"},
	0x96: {means: "message rate too high", kind: broker.ErrUnavailable},
	0x97: {means: "quota exceeded", kind: broker.ErrUnavailable, hint: "the broker, or what it allows the user, is full"},
	0x99: {means: "payload format invalid", kind: broker.ErrRejected},
	0x9a: {means: "retain not supported", kind: broker.ErrUnavailable},
	0x9b: {means: "QoS not supported", kind: broker.ErrUnavailable, hint: "the broker must take QoS 1", final: true},
	0x9c: {means: "use another server", kind: broker.ErrUnavailable, hint: "change the URL", final: true},
	0x9d: {means: "server moved", kind: broker.ErrUnavailable, hint: "change the URL", final: true},
	0x9e: {means: "shared subscriptions not supported", kind: broker.ErrRejected, hint: "leave Group empty", final: true},
	0xa2: {means: "wildcard subscriptions not supported", kind: broker.ErrRejected, hint: "subscribe without wildcards", final: true},
}

// reasonOf finds the reason that is in an error.
func reasonOf(err error) (byte, reason) {
	if e, ok := errors.AsType[*ReasonError](err); ok {
		return e.Code, reasons[e.Code]
	}
	return 0, reason{}
}

// refusal says why connecting failed.
func refusal(err error) error {
	if c, ok := errors.AsType[*autopaho.ConnackError](err); ok {
		return &ReasonError{Code: c.ReasonCode, Text: c.Reason}
	}
	return err
}

func disconnected(d *paho.Disconnect) error {
	e := &ReasonError{Code: d.ReasonCode}
	if d.Properties != nil {
		e.Text = d.Properties.ReasonString
	}
	return e
}

// hint says what can be done about there being no connection.
func hint(err error) string {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "its certificate is not one that is trusted"
	}
	code, r := reasonOf(err)
	if code == 0x87 {
		return "check User and Password, and what the broker allows the user"
	}
	return r.hint
}
