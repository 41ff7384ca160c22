package brokertest

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn/broker"
)

// A Config says how to get at the broker under test and what it lacks.
type Config struct {
	// Open prepares one check: a topic that nobody has used, and ways to reach
	// it. What it makes on the broker it removes with t.Cleanup.
	Open func(t testing.TB) Broker

	// Lacks are the features that the broker does not have. What needs them is
	// skipped by name.
	Lacks []Feature
}

// A Broker is one topic of a broker.
type Broker struct {
	// Topic is what is published to, and what subscribers listen to.
	Topic string

	// Publisher opens a publisher. The kit closes it. A broker that has none
	// fails the test with t.Fatal.
	Publisher func(t testing.TB) broker.Publisher

	// Subscriber makes a subscriber to the topic. What it holds open besides a
	// call of Subscribe it closes with t.Cleanup.
	Subscriber func(t testing.TB, s Subscription) broker.Subscriber

	// Line disturbs what all publishers and subscribers of this Broker have
	// with their broker: a [Proxy] between them, or the broker itself. Nil
	// skips the checks that need it.
	Line Line

	// TooLarge is a number of bytes of data that the broker must not take. Zero
	// skips the check.
	TooLarge int

	// Garbage puts something on the topic that is not a CloudEvent. Nil skips
	// the check.
	Garbage func(t testing.TB, body []byte)
}

// A Subscription is what the kit wants of a subscriber.
type Subscription struct {
	// Name is the subscription's: subscribers of one name share what arrives,
	// and one goes on where another has ended. It has letters and digits only.
	Name string

	// Workers is how many messages of different keys should be handled at the
	// same time, if the subscriber can do that.
	Workers int

	// Sink is to be the subscriber's. Nil means that it may do what it likes.
	Sink broker.Sink
}

// A Line is the way to a broker. Its methods are called one after the other.
type Line interface {
	Cut()   // whoever is connected is not any more, and nobody can connect
	Stall() // who is connected remains so, but nothing passes, and nobody is told
	Mend()  // all is well again; what was stalled passes
}

// A Feature is something that a broker may lack and still be of use.
type Feature string

// The features, by what is missing without them.
const (
	// Durable brokers keep what is published while a subscription that has
	// existed before has no subscriber.
	Durable Feature = "keeping messages without a subscriber"
	// Redelivery is delivering a message again whose handler has failed, while
	// the subscriber goes on.
	Redelivery Feature = "delivering again"
	// Order is keeping the order of messages of one key.
	Order Feature = "order by key"
	// Keys arrive with the message.
	Keys Feature = "keys"
	// Topics arrive with the message, as they were published to.
	Topics Feature = "topics"
	// DeadLetters is handing what is rejected or unreadable to a sink.
	DeadLetters Feature = "a sink for dead letters"
	// Sharing is having subscribers of one name share what arrives.
	Sharing Feature = "sharing a subscription"
)

// patience is how long a check may take.
const patience = time.Minute

// A check is one test of the kit.
type check struct {
	name  string
	needs []Feature
	run   func(k *kit)
}

// Run holds a broker's publishers and subscribers to their promises. Each check
// has a topic of its own; one that needs what the broker lacks is skipped by
// name.
func Run(t *testing.T, c Config) {
	for _, check := range checks {
		t.Run(check.name, func(t *testing.T) {
			for _, f := range check.needs {
				if slices.Contains(c.Lacks, f) {
					t.Skipf("the broker lacks %s", f)
				}
			}
			check.play(t, c, patience)
		})
	}
}

func (c check) play(t testing.TB, config Config, patience time.Duration) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), patience, errTooLong)
	defer cancel()
	k := &kit{TB: t, Broker: config.Open(t), ctx: ctx, lacks: config.Lacks}
	defer k.dismiss()
	c.run(k)
}

var checks = []check{
	{name: "messages arrive as they were published", run: intact},
	{name: "many publish at once", run: together},
	{name: "one key, one after the other", needs: []Feature{Order}, run: ordered},
	{name: "what was confirmed arrives", needs: []Feature{Durable}, run: confirmed},
	{name: "a message without what it must have is rejected", run: malformed},
	{name: "a message over the limit is rejected", run: tooLarge},
	{name: "a call whose context has ended publishes nothing", run: ended},
	{name: "a failed message comes again", needs: []Feature{Redelivery}, run: again},
	{name: "a rejected message goes to the sink", needs: []Feature{DeadLetters}, run: rejected},
	{name: "a sink that fails is asked again", needs: []Feature{DeadLetters, Redelivery}, run: sinkFails},
	{name: "what is not a message goes to the sink", needs: []Feature{DeadLetters}, run: garbage},
	{name: "a handler that panics has failed", needs: []Feature{Redelivery}, run: panics},
	{name: "nothing is acknowledged before it is handled", needs: []Feature{Durable}, run: interrupted},
	{name: "killed between handling and acknowledging", needs: []Feature{Durable}, run: killed},
	{name: "subscribers of one name share", needs: []Feature{Sharing}, run: shared},
	{name: "a broker that is down", run: down},
	{name: "a broker that does not answer", run: silent},
	{name: "connections that are lost", run: flapping},
	{name: "a subscriber finds its broker again", run: found},
	{name: "closing waits for what is being published", run: closing},
	{name: "a subscription ends with its last handler", run: ending},
}

// Unique is a word of letters and digits that no other test uses.
func Unique() string { return strings.ToLower(rand.Text()[:12]) }
