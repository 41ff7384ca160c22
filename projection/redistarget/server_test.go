package redistarget_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/redistarget"
)

// address is where Redis is: what the environment says, or on this machine.
func address() string {
	if s := os.Getenv("CAIRN_REDIS_ADDR"); s != "" {
		return s
	}
	return "127.0.0.1:6379"
}

// A space is a part of a Redis that belongs to one test.
type space struct {
	address string
	prefix  string
	client  *redis.Client // the test's own
}

// open gives a test a space of the Redis that is there. Without one the test is
// skipped by name, or fails where all services must be.
func open(t testing.TB) *space {
	t.Helper()
	s := at(t, address())
	if err := s.client.Ping(t.Context()).Err(); err != nil {
		if os.Getenv("CAIRN_REQUIRE_SERVICES") != "" {
			t.Fatalf("no Redis: %v", err)
		}
		t.Skipf("no Redis: %v", err)
	}
	t.Cleanup(func() { s.remove(t) })
	return s
}

// at is a space of the Redis at an address, which needs no cleaning.
func at(t testing.TB, address string) *space {
	s := &space{address: address, prefix: fmt.Sprintf("cairn-test-%016x:", rand.Uint64())}
	s.client = s.connect(t, nil)
	return s
}

// connect makes a client.
func (s *space) connect(t testing.TB, change func(*redis.Options)) *redis.Client {
	o := &redis.Options{Addr: s.address, ClientName: fmt.Sprintf("test-%016x", rand.Uint64()), PoolSize: 20,
		ReadTimeout: time.Minute, DialTimeout: 10 * time.Second, DialerRetries: 1}
	if change != nil {
		change(o)
	}
	client := redis.NewClient(o)
	t.Cleanup(func() { client.Close() })
	return client
}

// target makes a target with connections of its own.
func (s *space) target(t testing.TB) *redistarget.Target {
	return redistarget.New(s.connect(t, nil), &redistarget.Options{Prefix: s.prefix})
}

// remove removes all that begins with the prefix.
func (s *space) remove(t testing.TB) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	keys := s.client.Scan(ctx, 0, s.prefix+"*", 1000).Iterator()
	for keys.Next(ctx) {
		if err := s.client.Unlink(ctx, keys.Val()).Err(); err != nil {
			t.Error(err)
		}
	}
	if keys.Err() != nil {
		t.Error(keys.Err())
	}
}

// cut breaks all connections of a client, as a server does that stops.
func (s *space) cut(t testing.TB, victim *redis.Client) {
	t.Helper()
	list, err := s.client.ClientList(t.Context()).Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range connectionsOf(list, victim.Options().ClientName) {
		s.client.ClientKillByFilter(t.Context(), "ID", id) // it may be gone
	}
}

func move(key, from, to string) projection.Change {
	return projection.Change{Expect: []projection.Entry{{Key: key, Value: from}}, Put: []projection.Entry{{Key: key, Value: to}}}
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// keys are all that the space holds.
func (s *space) keys(t testing.TB) (all []string) {
	t.Helper()
	keys := s.client.Scan(t.Context(), 0, s.prefix+"*", 1000).Iterator()
	for keys.Next(t.Context()) {
		all = append(all, keys.Val())
	}
	must(t, keys.Err())
	slices.Sort(all)
	return slices.Compact(all)
}

// state is all that the space holds, with its contents as text.
func (s *space) state(t testing.TB) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, key := range s.keys(t) {
		all[key] = s.contents(t, key)
	}
	return all
}
