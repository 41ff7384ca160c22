package mqtt_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/brokertest"
	"github.com/cairndb/cairn/broker/mqtt"
)

func receive[T any](t *testing.T, c <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(30 * time.Second):
		t.Fatalf("no %s came", what)
	}
	return v
}

// subscribe runs a subscription until the test ends.
func subscribe(t *testing.T, o mqtt.SubscriberOptions, handle func(context.Context, broker.Delivery) error) (stop func() error) {
	t.Helper()
	o.URL, o.Reconnect, o.Backoff = cmp.Or(o.URL, address()), quick, quick
	if o.Sink == nil {
		o.Sink = throwAway
	}
	s, err := mqtt.NewSubscriber(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Subscribe(ctx, handle) }()
	var result error
	ended := false
	stop = func() error {
		if !ended {
			cancel()
			result, ended = <-done, true
		}
		return result
	}
	t.Cleanup(func() {
		_ = stop()
		forget(t, o.URL, o.ClientID)
	})
	return stop
}

// The broker is stopped and started again: what was published before and after
// arrives, in order.
func TestABrokerThatIsRestarted(t *testing.T) {
	t.Parallel()
	m := ownBroker(t, "")
	arrived := make(chan string, 1000)
	subscribe(t, mqtt.SubscriberOptions{Connection: shop(m), ClientID: "s", Filters: []string{"shop/#"}}, func(_ context.Context, d broker.Delivery) error {
		arrived <- d.Event.ID()
		return nil
	})
	unmatched := make(chan struct{}, 1000)
	p := publisher(t, mqtt.PublisherOptions{Connection: shop(m), OnUnmatched: func(broker.Message) { unmatched <- struct{}{} }})
	for ready := false; !ready; { // until the subscription is there
		insist(t, p, message("shop/a", "first"))
		select {
		case <-unmatched:
		default:
			ready = true
		}
	}
	for i := range 20 {
		insist(t, p, message("shop/a", fmt.Sprint(i)))
	}
	m.stop()
	refused(t, p.Publish(t.Context(), message("shop/a", "0")), broker.ErrUnavailable, "")
	m.start()
	for i := 20; i < 40; i++ {
		insist(t, p, message("shop/a", fmt.Sprint(i)))
	}
	seen := map[string]bool{"first": true}
	for next := 0; next < 40; {
		id := receive(t, arrived, "message")
		if seen[id] {
			continue
		}
		if seen[id] = true; id != fmt.Sprint(next) {
			t.Fatalf("%s came where %d was to", id, next)
		}
		next++
	}
}

// Two that have the same session would end each other as fast as they can: if the
// broker says why, the first gives it up, and if not, it waits longer and longer.
func TestASessionThatIsTakenOver(t *testing.T) {
	t.Parallel()
	need(t)
	id := "cairn-" + brokertest.Unique()
	up, growing := make(chan struct{}, 1), make(chan struct{}, 1)
	tell := func(c chan struct{}) {
		select {
		case c <- struct{}{}:
		default:
		}
	}
	s, err := mqtt.NewSubscriber(mqtt.SubscriberOptions{
		Connection: mqtt.Connection{
			URL:          address(),
			OnConnection: func(error) { tell(up) },
			Reconnect: func(failures int) time.Duration {
				if failures == 4 {
					tell(growing)
				}
				return 20 * time.Millisecond
			},
		},
		ClientID: id, Filters: []string{"cairn/" + id}, Sink: throwAway,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Subscribe(ctx, nil) }()
	receive(t, up, "connection")
	subscribe(t, mqtt.SubscriberOptions{ClientID: id, Filters: []string{"cairn/" + id}}, nil)
	select {
	case err = <-ended:
		if e, ok := errors.AsType[*mqtt.SubscribeError](err); !ok || !strings.Contains(e.Hint, "ClientID") {
			t.Errorf("ended with %v", err)
		}
		cancel()
	case <-growing:
		cancel()
		<-ended
	case <-time.After(30 * time.Second):
		t.Error("the first neither ends nor waits longer")
		cancel()
	}
}

// With a limit to its attempts a message becomes a dead letter, as it came.
func TestAttemptsEndInTheSink(t *testing.T) {
	t.Parallel()
	need(t)
	topic := "cairn/" + brokertest.Unique()
	letters, attempts := make(chan broker.Letter, 10), make(chan int, 100)
	errFailed := errors.New("failed")
	refusals := 2
	subscribe(t, mqtt.SubscriberOptions{
		ClientID: topic, Filters: []string{topic}, Attempts: 3,
		Sink: func(_ context.Context, l broker.Letter) error {
			if refusals--; refusals >= 0 {
				return broker.ErrRejected
			}
			letters <- l
			return nil
		},
	}, func(_ context.Context, d broker.Delivery) error {
		attempts <- d.Attempt
		return errFailed
	})
	p := publisher(t, mqtt.PublisherOptions{})
	for len(attempts) == 0 {
		insist(t, p, message(topic, "failing"))
		select {
		case <-time.After(50 * time.Millisecond):
		case l := <-letters:
			letters <- l
		}
	}
	l := receive(t, letters, "letter")
	if !errors.Is(l.Err, errFailed) || !errors.Is(l.Err, broker.ErrRejected) || l.Key != "k" || l.Header["id"] != "failing" || l.Header["content-type"] == "" {
		t.Errorf("the letter is %+v", l)
	}
	for want := 1; want <= 3; want++ {
		if got := receive(t, attempts, "attempt"); got != want {
			t.Errorf("attempt %d, want %d", got, want)
		}
	}
}

// Subscribers of one group share what is published.
func TestAGroupShares(t *testing.T) {
	t.Parallel()
	need(t)
	topic := "cairn/" + brokertest.Unique()
	type seen struct {
		who int
		id  string
	}
	arrived := make(chan seen, 10000)
	for who := range 2 {
		subscribe(t, mqtt.SubscriberOptions{ClientID: fmt.Sprint(topic, who), Filters: []string{topic}, Group: "g"}, func(_ context.Context, d broker.Delivery) error {
			arrived <- seen{who, d.Event.ID()}
			return nil
		})
	}
	p := publisher(t, mqtt.PublisherOptions{})
	there := map[int]bool{}
	for len(there) < 2 { // until both have subscribed
		insist(t, p, message(topic, "probe"))
		select {
		case s := <-arrived:
			there[s.who] = true
		case <-time.After(20 * time.Millisecond):
		}
	}
	for i := range 100 {
		insist(t, p, message(topic, fmt.Sprint(i)))
	}
	counts := [2]int{}
	ids := map[string]bool{}
	for len(ids) < 100 {
		if s := receive(t, arrived, "message"); s.id != "probe" {
			ids[s.id] = true
			counts[s.who]++
		}
	}
	if counts[0] == 0 || counts[1] == 0 || counts[0]+counts[1] != 100 {
		t.Errorf("they got %v", counts)
	}
}

// A broker that grants less than is asked for has refused.
func TestWhatABrokerGrants(t *testing.T) {
	t.Parallel()
	for codes, good := range map[string]bool{"\x01": true, "\x02\x01": true, "\x01\x00": false, "\x01\x87": false, "\x9e": false} {
		if err := mqtt.Granted([]byte(codes)); (err == nil) != good {
			t.Errorf("%x: %v", codes, err)
		}
	}
}

// Whatever comes is an event, or a letter that says why not; an event that is
// published again reads the same.
func FuzzDecode(f *testing.F) {
	f.Add("application/json", "id", "1", "cairn-key", "k", true, []byte(`{}`))
	f.Add("application/cloudevents+json", "", "", "", "", false, []byte(`{"specversion":"1.0","id":"1","source":"/","type":"t"}`))
	f.Add("", "ID", "1", "time", "x", true, []byte{0xff})
	f.Fuzz(func(t *testing.T, contentType, n1, v1, n2, v2 string, whole bool, body []byte) {
		p := &paho.Publish{Topic: "topic", Payload: body, Properties: &paho.PublishProperties{ContentType: contentType}}
		if whole {
			p.Properties.User.Add("specversion", "1.0").Add("id", "i").Add("source", "/s").Add("type", "t")
		}
		p.Properties.User.Add(n1, v1).Add(n2, v2)
		m, l := mqtt.Decode(p)
		if l.Err != nil {
			if !errors.Is(l.Err, broker.ErrUndecodable) {
				t.Fatalf("%v is not ErrUndecodable", l.Err)
			}
			return
		}
		again, err := mqtt.Encode(m, false)
		if err != nil {
			if len(v1) > 65535 || len(v2) > 65535 || len(contentType) > 65535 || !strings.Contains(err.Error(), "must") {
				return
			}
			if strings.Contains(err.Error(), "cairn-key") {
				return // a key that is no text came from a broker that does not look
			}
			t.Fatalf("what was read cannot be published: %v", err)
		}
		m2, l := mqtt.Decode(again)
		if l.Err != nil || m2.Event.String() != m.Event.String() || m2.Key != m.Key {
			t.Fatalf("read %v, and published again %v (%v)", m.Event, m2.Event, l.Err)
		}
	})
}

func ExampleNewSubscriber() {
	s, err := mqtt.NewSubscriber(mqtt.SubscriberOptions{
		Connection: mqtt.Connection{URL: "mqtts://broker.example.com:8883", User: "mailer", Password: "secret"},
		ClientID:   "mailer-1",
		Filters:    []string{"shop/orders/#"},
		Sink: func(_ context.Context, l broker.Letter) error {
			fmt.Println("set aside:", l.Topic, l.Err)
			return nil
		},
	})
	fmt.Println(s != nil, err)
	// Output: true <nil>
}
