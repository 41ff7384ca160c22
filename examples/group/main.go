// Command group shows a consumer group: three members share the work of one
// subscription, in order for each order; one order cannot be handled, is parked
// with all that follows under it, and disturbs no other; when the cause is gone it
// is replayed, and flows again.
//
//	go run ./examples/group
//	go run ./examples/group --server 'cairn://127.0.0.1:2113?tls=false'
//
// Without a server the store is in memory. On a server (cairn serve --memory) one
// can look at the group while it runs, and afterwards:
//
//	cairn group status mailer --server 'cairn://127.0.0.1:2113?tls=false'
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/client"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/group"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	server := flag.String("server", "", "URL of a server; without one the store is in memory")
	flag.Parse()
	if err := run(ctx, *server, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "group:", err)
		os.Exit(1)
	}
}

func open(ctx context.Context, server string) (cairn.Store, error) {
	if server == "" {
		return disk.OpenMemory(nil)
	}
	return client.Dial(ctx, server, nil)
}

func run(ctx context.Context, server string, out io.Writer) error {
	store, err := open(ctx, server)
	if err != nil {
		return err
	}
	defer store.Close()
	s := &shop{store: store, out: out, mailed: map[string][]string{}, moved: make(chan struct{}, 1)}
	s.broken.Store(true)
	return s.story(ctx)
}

// orders is how many there are. Each is placed, paid and shipped.
const orders = 6

var steps = []string{"order.placed", "order.paid", "order.shipped"}

// poisoned is the order whose customer has no address yet.
const poisoned = "order-4"

// A shop mails its customers about their orders.
type shop struct {
	store  cairn.Store
	out    io.Writer
	broken atomic.Bool // the poisoned order cannot be mailed about

	mu     sync.Mutex
	mailed map[string][]string
	n      int
	moved  chan struct{} // something has happened; holds one
}

func (s *shop) story(ctx context.Context) error {
	if err := s.sell(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var members sync.WaitGroup
	failed := make(chan error, 3)
	for n := range 3 {
		members.Go(func() { failed <- s.member(ctx, fmt.Sprint("mailer-", n+1)) })
	}
	err := s.watch(ctx, failed)
	cancel()
	members.Wait() // they write down how far they are, and leave
	return err
}

// sell records what happened to the orders.
func (s *shop) sell(ctx context.Context) error {
	for _, step := range steps {
		for n := range orders {
			stream := fmt.Sprint("order-", n+1)
			if _, err := s.store.Append(ctx, stream, cairn.Any, cairn.Event{Type: step}); err != nil {
				return err
			}
		}
	}
	return nil
}

// member takes part in the group until the context ends.
func (s *shop) member(ctx context.Context, name string) error {
	o := group.Options{
		Query: cairn.ByCategory("order"), Member: name, Attempts: 3, Backoff: group.Jitter(time.Millisecond, 10*time.Millisecond),
		OnParked: func(e *cairn.Recorded, attempt int, err error) {
			s.say("parked %s after %d attempts: %v", e.Stream, attempt, err)
			s.move()
		},
	}
	err := group.Run(ctx, s.store, "mailer", o, s.mail)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

var errNoAddress = errors.New("the customer has no address")

// mail is the handler.
func (s *shop) mail(_ context.Context, e cairn.Recorded) error {
	if e.Stream == poisoned && s.broken.Load() {
		return errNoAddress
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mailed[e.Stream] = append(s.mailed[e.Stream], e.Type)
	s.n++
	s.move()
	return nil
}

// watch looks after the group: it finds what is parked, and has it replayed.
func (s *shop) watch(ctx context.Context, failed <-chan error) error {
	all := orders * len(steps)
	if err := s.until(ctx, failed, func() (bool, error) {
		keys, err := group.Parked(ctx, s.store, "mailer")
		return s.count() == all-len(steps) && len(keys) == 1 && keys[0].Count == len(steps), ignoring(err)
	}); err != nil {
		return err
	}
	s.say("mailed about %d events of the other %d orders, in order: %t", s.count(), orders-1, s.ordered())
	keys, err := group.Parked(ctx, s.store, "mailer")
	if err != nil {
		return err
	}
	for _, k := range keys {
		s.say("parked: %s, %d events, because %s", k.Key, k.Count, k.Error)
	}
	s.broken.Store(false)
	s.say("the address is there now: replaying")
	if err := group.ReplayAll(ctx, s.store, "mailer"); err != nil {
		return err
	}
	if err := s.until(ctx, failed, func() (bool, error) {
		keys, err := group.Parked(ctx, s.store, "mailer")
		return s.count() == all && len(keys) == 0, err
	}); err != nil {
		return err
	}
	s.say("mailed about %d events, in order: %t; nothing is parked", s.count(), s.ordered())
	if _, err := s.store.Append(ctx, poisoned, cairn.Any, cairn.Event{Type: "order.returned"}); err != nil {
		return err
	}
	if err := s.until(ctx, failed, func() (bool, error) { return s.count() == all+1, nil }); err != nil {
		return err
	}
	s.say("%s flows again", poisoned)
	return nil
}

// ignoring takes it for no error that no member has made the group yet.
func ignoring(err error) error {
	if errors.Is(err, group.ErrUnknown) {
		return nil
	}
	return err
}

// until waits until something is so. What is parked is written down a moment
// after it was told, so it looks now and then, too.
func (s *shop) until(ctx context.Context, failed <-chan error, so func() (bool, error)) error {
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		if ok, err := so(); ok || err != nil {
			return err
		}
		select {
		case <-s.moved:
		case <-look.C:
		case err := <-failed:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// move tells who waits that something has happened.
func (s *shop) move() {
	select {
	case s.moved <- struct{}{}:
	default:
	}
}

func (s *shop) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n
}

// ordered reports whether each order's mails went out in the order of its events.
func (s *shop) ordered() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, mails := range s.mailed {
		if !slices.Equal(mails, steps[:len(mails)]) {
			return false
		}
	}
	return true
}

func (s *shop) say(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.out, format+"\n", args...)
}
