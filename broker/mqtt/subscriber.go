package mqtt

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/paho"

	"github.com/cairndb/cairn/broker"
)

// SubscriberOptions are the settings of a [Subscriber].
type SubscriberOptions struct {
	Connection

	// ClientID is what the broker keeps the session under: what is published
	// while nobody with this ID is connected is delivered later. It must not be
	// empty, and not be used twice at the same time.
	ClientID string

	// Filters are the topics, where + stands for one part and # for all that
	// follow.
	Filters []string

	// Group, if not empty, shares the messages with all subscribers that have
	// the same group and filters. They have no order then, and each needs a
	// ClientID of its own.
	Group string

	// Session is how long the broker keeps the session when nobody is
	// connected. Zero means 24 h; it must be at least 1 s.
	Session time.Duration

	// Window is how many messages may be unacknowledged. Zero means 256; at
	// most 65,535.
	Window int

	// Workers is how many messages of different keys are handled at the same
	// time. Zero means 8.
	Workers int

	// Attempts is how often a message is tried before it is a dead letter. Zero
	// is without end.
	Attempts int

	// Backoff is how long to wait after a failed attempt, counting from 1. Nil
	// means a time that doubles from 100 ms to 30 s.
	Backoff func(attempt int) time.Duration

	// Sink takes what is rejected, cannot be read, or has failed for good. It
	// must not be nil.
	Sink broker.Sink
}

// A SubscribeError is what ended a subscription, because connecting again would
// not mend it.
type SubscribeError struct {
	Filters []string
	Err     error
	Hint    string // what an operator can do about it
}

// Error says what and what to do.
func (e *SubscribeError) Error() string {
	return fmt.Sprintf("mqtt: cannot subscribe to %q: %v; %s", e.Filters, e.Err, e.Hint)
}

// Unwrap returns the cause.
func (e *SubscribeError) Unwrap() error { return e.Err }

// A Subscriber implements [broker.Subscriber] for one session.
type Subscriber struct{ o SubscriberOptions }

// NewSubscriber makes a subscriber. An [*InvalidError] names the option that is
// wrong.
func NewSubscriber(o SubscriberOptions) (*Subscriber, error) {
	var err error
	if o.Connection, err = o.Connection.withDefaults(); err != nil {
		return nil, err
	}
	switch {
	case o.ClientID == "" || len(o.ClientID) > maxString:
		return nil, invalid("ClientID", "must have 1 to 65,535 bytes, because the broker keeps the session under it")
	case len(o.Filters) == 0:
		return nil, invalid("Filters", "must not be empty")
	case strings.ContainsAny(o.Group, "/+#"):
		return nil, invalid("Group", "must not have / + or #")
	case o.Session != 0 && (o.Session < time.Second || o.Session > math.MaxUint32*time.Second):
		return nil, invalid("Session", "must be at least 1 s, and at most 136 years")
	case o.Window < 0 || o.Window > math.MaxUint16:
		return nil, invalid("Window", "must be from 0 to 65,535")
	case o.Workers < 0 || o.Attempts < 0:
		return nil, invalid("Workers and Attempts", "must not be negative")
	case o.Sink == nil:
		return nil, invalid("Sink", "must not be nil: MQTT has no dead letters, and rejected messages have to go somewhere")
	}
	for _, f := range o.Filters {
		if len(f) > maxString-len(o.Group)-8 || !filters(f) {
			return nil, invalid("Filters", "must each have 1 to 65,535 bytes, + and # as whole parts only, and # at the end only; for a shared subscription use Group")
		}
	}
	if o.Session == 0 {
		o.Session = 24 * time.Hour
	}
	if o.Window == 0 {
		o.Window = 256
	}
	return &Subscriber{o}, nil
}

// filters tells whether a filter is one. Brokers hang up over those that are not.
func filters(f string) bool {
	if f == "" || strings.HasPrefix(f, "$share/") || strings.ContainsRune(f, 0) || !utf8.ValidString(f) {
		return false
	}
	parts := strings.Split(f, "/")
	for i, part := range parts {
		if len(part) > 1 && strings.ContainsAny(part, "+#") || part == "#" && i < len(parts)-1 {
			return false
		}
	}
	return true
}

// ackEvery is how often acknowledgements are sent, in the order that MQTT wants.
const ackEvery = 10 * time.Millisecond

// Subscribe implements [broker.Subscriber]. It connects again until ctx ends, or
// until the broker refuses what no further attempt would change, or gives the
// session to another: that is a [*SubscribeError].
func (s *Subscriber) Subscribe(ctx context.Context, handle func(context.Context, broker.Delivery) error) error {
	r := &receiver{o: &s.o, handle: handle, failed: make(chan error, 1)}
	r.link = newLink(&r.connection)
	r.connection = s.o.Connection
	r.connection.OnConnection = r.observe
	r.link.onUp, r.link.onDown = r.begin, r.finish
	r.renew()
	c := r.connection.config(r.link)
	c.ClientID = s.o.ClientID
	c.SessionExpiryInterval = uint32(s.o.Session / time.Second)
	c.EnableManualAcknowledgment, c.SendAcksInterval = true, ackEvery
	c.OnPublishReceived = []func(paho.PublishReceived) (bool, error){r.receive}
	c.ConnectPacketBuilder = s.connect
	manager, err := autopaho.NewConnection(context.Background(), c)
	if err != nil {
		return err
	}
	err = r.wait(ctx)
	r.hangUp(manager)
	return err
}

// connect asks for what the session needs.
func (s *Subscriber) connect(cp *paho.Connect, _ *url.URL) (*paho.Connect, error) {
	window := uint16(s.o.Window)
	cp.CleanStart = false
	cp.Properties.ReceiveMaximum = &window
	cp.Properties.RequestProblemInfo = true
	return cp, nil
}

// subscription is what is asked for. Retained messages come only when it is new.
func (s *SubscriberOptions) subscription() *paho.Subscribe {
	all := &paho.Subscribe{}
	for _, f := range s.Filters {
		if s.Group != "" {
			f = "$share/" + s.Group + "/" + f
		}
		o := paho.SubscribeOptions{Topic: f, QoS: 1}
		if s.Group == "" {
			o.RetainHandling = 1
		}
		all.Subscriptions = append(all.Subscriptions, o)
	}
	return all
}

var errQoS = errors.New("the broker grants QoS 0 only, with which messages are lost")

// granted says what is wrong with the broker's answer, and whether it is.
func granted(codes []byte) error {
	for _, code := range codes {
		if code >= 0x80 {
			return &ReasonError{Code: code}
		}
		if code == 0 {
			return errQoS
		}
	}
	return nil
}
