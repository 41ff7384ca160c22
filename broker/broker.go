package broker

import (
	"context"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/cairndb/cairn"
)

// A Message is an integration event on its way to or from a broker.
type Message struct {
	// Event is what is said. Its ID is the same however often the message is
	// published: whoever receives a message twice knows by its source and ID.
	Event cloudevents.Event

	// Topic is where it goes, in the words of the broker: a subject, a topic, a
	// routing key, or the path of a webhook. Empty means the publisher's default.
	Topic string

	// Key is what keeps its order: messages of one key are published one after
	// the other, and a broker with partitions keeps them in one.
	Key string
}

// A Publisher hands messages to a broker.
//
// Publish returns nil when the broker has confirmed that it is responsible for
// the message, in the strongest way it has. It is called by many goroutines at
// once, and sends what they bring together as the broker likes it. Messages of
// one key are not published at the same time, so it need not order them.
//
// Its error says what to do about the message: [ErrUnavailable] is matched when
// the broker cannot be reached, is full or too slow, so that any message would
// fail now; [ErrRejected] when this very message would never be taken. Any
// other is worth another attempt. After an error the message may have been
// published all the same.
type Publisher interface {
	Publish(ctx context.Context, m Message) error

	// Close waits for what is being published, or for ctx to end, and gives up
	// the connection. Later calls of Publish fail with [ErrClosed].
	Close(ctx context.Context) error
}

// A Subscriber receives messages from a broker.
//
// Subscribe has handle called with what arrives until ctx ends, and returns its
// cause, or earlier with the error that it could not mend by connecting again.
// Messages of one key are handled one after the other, as far as the broker
// keeps them together; others at the same time, if the subscriber was made so.
// Nil acknowledges. An error has the broker deliver the message again, after a
// while; one that matches [ErrRejected] puts it where the broker keeps dead
// letters, or is given to the subscriber's own sink. What cannot be read as a
// message is handled as a rejected one, and never acknowledged in silence.
//
// A handler that panics has failed: [Attempt] makes an error of it. The context
// of handle ends with that of Subscribe, which returns when no call of handle is
// left. What handle returned by then is still acknowledged if it can be; what it
// gave up is delivered again, to whoever subscribes next.
type Subscriber interface {
	Subscribe(ctx context.Context, handle func(context.Context, Delivery) error) error
}

// A Delivery is a message as it arrived.
type Delivery struct {
	Message
	Attempt int // counting from 1; 0 if the broker does not say

	// Stored is the message as an event of the receiver's own store, if that is
	// the broker; see package broker/log. Nil otherwise. It must not be changed.
	Stored *cairn.Recorded
}

// A Letter is something that arrived and is not handled: it could not be read,
// or its handler rejected it.
type Letter struct {
	Topic  string
	Key    string
	Header map[string]string // as the broker carries it, or what is like a header there
	Body   []byte
	Err    error // why; matches [ErrUndecodable] or [ErrRejected]
}

// A Sink takes dead letters. When it returns nil the letter is taken care of and
// is acknowledged; an error has the broker deliver it again.
type Sink func(context.Context, Letter) error
