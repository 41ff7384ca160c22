package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/kafka"
)

// subscribe runs a subscription until stop, which returns its error.
func subscribe(t *testing.T, s broker.Subscriber, handle func(context.Context, broker.Delivery) error) (stop func() error) {
	ctx, cancel := context.WithCancel(limited(t))
	done := make(chan error, 1)
	go func() { done <- s.Subscribe(ctx, handle) }()
	stop = func() error {
		cancel()
		select {
		case err := <-done:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Subscribe returned %v", err)
			}
			done <- err
			return err
		case <-time.After(30 * time.Second):
			t.Error("Subscribe does not return")
			return nil
		}
	}
	t.Cleanup(func() { _ = stop() })
	return stop
}

// take receives so many.
func take(t *testing.T, ids <-chan string, n int) (all []string) {
	t.Helper()
	for ctx := limited(t); len(all) < n; {
		select {
		case id := <-ids:
			all = append(all, id)
		case <-ctx.Done():
			t.Fatalf("%d of %d arrived: %v", len(all), n, all)
		}
	}
	return all
}

// publishAll publishes so many for each key, and returns their IDs.
func publishAll(t *testing.T, p *kafka.Publisher, name string, from, to int, keys ...string) (ids []string) {
	t.Helper()
	for i := from; i < to; i++ {
		for _, key := range keys {
			ids = append(ids, fmt.Sprint(key, "-", i))
			if err := p.Publish(limited(t), message(name, key, ids[len(ids)-1])); err != nil {
				t.Fatal(err)
			}
		}
	}
	return ids
}

// TestNothingIsCommittedPastAFailingKey has a key fail in a partition that others
// share. They go on, and the next member begins with what has failed.
func TestNothingIsCommittedPastAFailingKey(t *testing.T) {
	t.Parallel()
	brokers := fake(t).ListenAddrs()
	name := topic(t, brokers, 1)
	connection := kafka.Connection{Brokers: brokers}
	p := publisher(t, kafka.PublisherOptions{Connection: connection})
	publishAll(t, p, name, 0, 10, "good", "bad", "other")
	o := kafka.SubscriberOptions{Connection: connection, Group: "g", Topics: []string{name}, DeadTopic: "dead", CommitEvery: 100 * time.Millisecond}
	ids := make(chan string, 100)
	stop := subscribe(t, subscriber(t, o), func(_ context.Context, d broker.Delivery) error {
		if d.Key == "bad" && d.Event.ID() != "bad-0" {
			return errors.New("not yet")
		}
		ids <- d.Event.ID()
		return nil
	})
	take(t, ids, 21)
	if err := stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("Subscribe returned %v", err)
	}
	offsets, err := kadm.NewClient(client(t, brokers)).FetchOffsets(t.Context(), "g")
	if err != nil {
		t.Fatal(err)
	}
	if o, ok := offsets.Lookup(name, 0); !ok || o.At != 4 { // good-0 bad-0 other-0 good-1 and then bad-1
		t.Errorf("committed is %v, want 4", o.At)
	}
	again := make(chan string, 100)
	subscribe(t, subscriber(t, o), func(_ context.Context, d broker.Delivery) error {
		if d.Key == "bad" {
			again <- d.Event.ID()
		}
		return nil
	})
	if got := take(t, again, 9); got[0] != "bad-1" || !slices.IsSortedFunc(got, strings.Compare) {
		t.Errorf("arrived again %v", got)
	}
}

// TestMembersComeAndGo has members join and leave while there is much to do for
// those that are there, and looks for what
// is lost, out of order, or handled by two at once.
func TestMembersComeAndGo(t *testing.T) {
	t.Parallel()
	const keys, each = 12, 100
	brokers := fake(t).ListenAddrs()
	name := topic(t, brokers, 6)
	connection := kafka.Connection{Brokers: brokers, Options: []kgo.Opt{kgo.HeartbeatInterval(100 * time.Millisecond)}}
	p := publisher(t, kafka.PublisherOptions{Connection: connection})
	var mu sync.Mutex
	next, busy, last := map[string]int{}, map[string]bool{}, make(chan string, keys*each)
	twice := 0
	handle := func(_ context.Context, d broker.Delivery) error {
		mu.Lock()
		defer mu.Unlock()
		if busy[d.Key] {
			t.Errorf("two messages of %s are handled at once", d.Key)
		}
		busy[d.Key] = true
		mu.Unlock()
		wait(t.Context(), 2*time.Millisecond)
		mu.Lock()
		busy[d.Key] = false
		var n int
		if _, err := fmt.Sscanf(d.Event.ID(), d.Key+"-%d", &n); err != nil || n > next[d.Key] {
			t.Errorf("%s arrived where %d was to (%v)", d.Event.ID(), next[d.Key], err)
		}
		if n < next[d.Key] {
			twice++
		}
		if n == next[d.Key] {
			next[d.Key]++
			last <- d.Event.ID()
		}
		return nil
	}
	member := func() func() error {
		return subscribe(t, subscriber(t, kafka.SubscriberOptions{Connection: connection, Group: "g", Topics: []string{name}, DeadTopic: "dead", Workers: 2}), handle)
	}
	var names []string
	for k := range keys {
		names = append(names, fmt.Sprint("key", k))
	}
	publishAll(t, p, name, 0, each/2, names...)
	var publishing sync.WaitGroup
	publishing.Go(func() { publishAll(t, p, name, each/2, each, names...) })
	first := member()
	take(t, last, 50)
	second := member()
	take(t, last, 100)
	_ = first()
	take(t, last, 50)
	third := member()
	take(t, last, 50)
	_ = second()
	publishing.Wait()
	take(t, last, keys*each-250)
	_ = third()
	if twice > keys {
		t.Errorf("%d messages were handled twice, though nobody was killed", twice)
	}
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
