package redistarget_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/redistarget"
)

// Several count at once, each expecting what it has read. None is counted that lost.
func TestCompeting(t *testing.T) {
	s := open(t)
	const runners, rounds = 4, 40
	var all sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for range runners {
		target := s.target(t)
		all.Go(func() {
			for range rounds {
				entries, err := target.Entries(t.Context(), "a")
				if err != nil {
					t.Error(err)
					return
				}
				now := 0
				if len(entries) > 0 {
					fmt.Sscan(entries[0].Value, &now)
				}
				switch err := target.Update(t.Context(), move("a", value(now), value(now+1)), add(1)); {
				case err == nil:
					mu.Lock()
					won++
					mu.Unlock()
				case !errors.Is(err, projection.ErrMoved):
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	equal(t, "counter", s.client.Get(t.Context(), s.prefix+"counter").Val(), won)
	equal(t, "entry", s.client.HGet(t.Context(), s.prefix+"cairn_projection", "a").Val(), won)
}

// An update whose answer gets lost is not done twice, and not said to be done.
func TestLostAnswer(t *testing.T) {
	s := open(t)
	cutter := &cutter{to: s.address}
	target := redistarget.New(s.connect(t, func(o *redis.Options) { o.Dialer = cutter.dial }), &redistarget.Options{Prefix: s.prefix})
	must(t, target.Update(t.Context(), move("a", "", "1"), add(1)))
	for n := 1; n < 20; n++ {
		cutter.arm("evalsha")
		err := target.Update(t.Context(), move("a", value(n), value(n+1)), add(1))
		if err == nil || errors.Is(err, projection.ErrMoved) || target.Fault(err) != projection.FaultDown {
			t.Fatalf("%v, want an error of the network", err)
		}
		entries, err := target.Entries(t.Context(), "a")
		must(t, err)
		equal(t, "entry", entries, []projection.Entry{{Key: "a", Value: value(n + 1)}})
		equal(t, "counter", s.client.Get(t.Context(), s.prefix+"counter").Val(), n+1)
	}
}

// A cutter makes connections, one of which breaks when it has sent a certain word,
// and Redis has answered.
type cutter struct {
	to   string
	mu   sync.Mutex
	word string
}

func (c *cutter) arm(word string) {
	c.mu.Lock()
	c.word = word
	c.mu.Unlock()
}

func (c *cutter) hit(b []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.word == "" || !strings.Contains(string(b), c.word) {
		return false
	}
	c.word = ""
	return true
}

func (c *cutter) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, c.to)
	return &cutting{Conn: conn, c: c}, err
}

type cutting struct {
	net.Conn
	c   *cutter
	cut bool
}

func (c *cutting) Write(b []byte) (int, error) {
	c.cut = c.cut || c.c.hit(b)
	return c.Conn.Write(b)
}

func (c *cutting) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.cut {
		c.Conn.Close()
		return 0, io.EOF
	}
	return n, err
}

// Connections that are killed now and then cost no event and double none.
func TestKilledConnections(t *testing.T) {
	s := open(t)
	victim := s.connect(t, nil)
	target := redistarget.New(victim, &redistarget.Options{Prefix: s.prefix})
	now := make(chan bool)
	var killer sync.WaitGroup
	killer.Go(func() {
		for range now {
			s.cut(t, victim)
		}
	})
	const updates = 200
	unknown := 0
	for n := 0; n < updates; {
		if rand.IntN(3) == 0 {
			now <- true // while the update is under way
		}
		err := target.Update(t.Context(), move("a", value(n), value(n+1)), add(1))
		switch {
		case err == nil:
			n++
		case errors.Is(err, projection.ErrMoved) || target.Fault(err) != projection.FaultDown:
			t.Fatal(err)
		default: // unknown: the entry tells
			unknown++
			if s.client.HGet(t.Context(), s.prefix+"cairn_projection", "a").Val() == value(n+1) {
				n++
			}
		}
	}
	close(now)
	killer.Wait()
	t.Logf("%d updates were cut off", unknown)
	equal(t, "counter", s.client.Get(t.Context(), s.prefix+"counter").Val(), updates)
}

func TestMisuse(t *testing.T) {
	s := open(t)
	target := s.target(t)
	for name, fn := range map[string]func(context.Context, tx) error{
		"exec":    func(ctx context.Context, tx tx) error { add(1)(ctx, tx); tx.Exec(ctx); return nil },
		"discard": func(ctx context.Context, tx tx) error { tx.Discard(); return nil },
		"deep": func(ctx context.Context, tx tx) error {
			tx.Pipeline().TxPipeline().Exec(ctx)
			return nil
		},
		"empty": func(ctx context.Context, tx tx) error { tx.Process(ctx, redis.NewCmd(ctx)); return nil },
	} {
		err := target.Update(t.Context(), move("a", "", "1"), fn)
		if err == nil || target.Fault(err) != projection.FaultEvent {
			t.Errorf("%s: %v", name, err)
		}
	}
	equal(t, "state", s.state(t), map[string]string{})
	must(t, target.Update(t.Context(), move("a", "", "1"), func(ctx context.Context, tx tx) error {
		nested := func(p redis.Pipeliner) error { return p.Incr(ctx, tx.Key("counter")).Err() }
		_, err := tx.Pipelined(ctx, func(p redis.Pipeliner) error {
			_, err := p.TxPipelined(ctx, nested)
			return err
		})
		return err
	}))
	equal(t, "counter", s.client.Get(t.Context(), s.prefix+"counter").Val(), 1)
}

func TestTooLarge(t *testing.T) {
	s := open(t)
	target := s.target(t)
	for name, fn := range map[string]func(context.Context, tx) error{
		"command": func(ctx context.Context, tx tx) error { return tx.Do(ctx, slices.Repeat([]any{"del"}, 7001)...).Err() },
		"all": func(ctx context.Context, tx tx) error {
			for range 1000 {
				tx.Do(ctx, slices.Repeat([]any{"del"}, 1000)...)
			}
			return nil
		},
		"type": func(ctx context.Context, tx tx) error { return tx.Set(ctx, tx.Key("a"), struct{}{}, 0).Err() },
	} {
		err := target.Update(t.Context(), move("a", "", "1"), fn)
		var invalid *cairn.InvalidError
		if err == nil || name != "type" && !errors.As(err, &invalid) || target.Fault(err) != projection.FaultEvent {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, target.Update(t.Context(), move("a", "", "1"), func(ctx context.Context, tx tx) error {
		return tx.Do(ctx, slices.Repeat([]any{"sadd", tx.Key("set"), "x"}, 2300)...).Err()
	}))
}

// Commands that were queued run in their order, with what they were given, byte by
// byte: as much as a batch is.
func TestLargeBatch(t *testing.T) {
	s := open(t)
	target := s.target(t)
	const events = 10_000
	odd := "\x00\xff\r\n€ "
	for range 2 {
		must(t, target.Update(t.Context(), projection.Change{}, func(ctx context.Context, tx tx) error {
			for n := range events {
				tx.HIncrBy(ctx, tx.Key("hash", fmt.Sprint(n%100)), odd, 1)
				tx.Set(ctx, tx.Key("last"), n, 0)
			}
			return nil
		}))
	}
	equal(t, "field", s.client.HGet(t.Context(), s.prefix+"hash:7", odd).Val(), 2*events/100)
	equal(t, "last", s.client.Get(t.Context(), s.prefix+"last").Val(), events-1)
}

func TestBuilds(t *testing.T) {
	s := open(t)
	target := s.target(t)
	one, two, many := projection.Names{Build: 1}, projection.Names{Build: 2}, projection.Names{Build: 21}
	must(t, target.Update(t.Context(), projection.Change{}, func(ctx context.Context, tx tx) error {
		for _, b := range []projection.Names{{}, one, two, many} {
			tx.ZAdd(ctx, tx.Key(b.Name("top")), redis.Z{Member: b.Build})
			for n := range 1200 {
				tx.Set(ctx, tx.Key(b.Name("row*"), fmt.Sprint(n)), b.Build, 0)
			}
		}
		tx.Set(ctx, tx.Key("row and another_b1", "x"), "not of this build", 0)
		return nil
	}))
	tables := []string{"top", "row*"}
	view, err := target.View(t.Context())
	must(t, err)
	equal(t, "key", view.Key("top"), s.prefix+"top")
	must(t, target.Publish(t.Context(), move("a", "", "1"), tables, two))
	view, err = s.target(t).View(t.Context())
	must(t, err)
	equal(t, "row", s.client.Get(t.Context(), view.Key("row*", "7")).Val(), 2)

	if err := target.Discard(t.Context(), move("a", "", "2"), tables, one); !errors.Is(err, projection.ErrMoved) {
		t.Errorf("%v, want ErrMoved", err)
	}
	if err := target.Discard(t.Context(), move("a", "1", "2"), tables, two); !errors.Is(err, redistarget.ErrPublished) || target.Fault(err) != projection.FaultSetup {
		t.Errorf("%v, want ErrPublished", err)
	}
	equal(t, "keys", len(s.keys(t)), 4*1201+4)
	must(t, target.Discard(t.Context(), move("a", "1", "2"), tables, one))
	must(t, target.Discard(t.Context(), move("a", "2", "3"), tables, many))
	must(t, target.Discard(t.Context(), move("a", "3", "4"), tables, many))
	left := s.keys(t)
	equal(t, "keys left", len(left), 2*1201+4)
	for _, key := range left {
		if strings.Contains(key, "*_b1") || strings.Contains(key, "_b21") {
			t.Errorf("%s is left", key)
		}
	}
}

// The ledger against a map, by changes of several entries at a time.
func TestLedgerModel(t *testing.T) {
	s := open(t)
	targets := []*redistarget.Target{s.target(t), s.target(t)}
	model := map[string]string{}
	for step := range 400 {
		var c projection.Change
		stands := true
		for range rand.IntN(3) {
			key, v := fmt.Sprintf("p/%d/%d", rand.IntN(3), rand.IntN(4)), value(rand.IntN(3))
			if rand.IntN(3) > 0 {
				v = model[key]
			}
			stands = stands && model[key] == v
			c.Expect = append(c.Expect, projection.Entry{Key: key, Value: v})
		}
		for range rand.IntN(4) {
			c.Put = append(c.Put, projection.Entry{Key: fmt.Sprintf("p/%d/%d", rand.IntN(3), rand.IntN(4)), Value: value(rand.IntN(3))})
		}
		err := targets[step%2].Apply(t.Context(), c)
		if (err == nil) != stands || err != nil && !errors.Is(err, projection.ErrMoved) {
			t.Fatalf("%v: %v, but it is %v that all stands as expected", c, err, stands)
		}
		if stands {
			for _, e := range c.Put {
				model[e.Key] = e.Value
			}
		}
		prefix := []string{"", "p/", "p/1/", "p/2/3", "q"}[rand.IntN(5)]
		var want []projection.Entry
		for _, key := range slices.Sorted(maps.Keys(model)) {
			if strings.HasPrefix(key, prefix) && model[key] != "" {
				want = append(want, projection.Entry{Key: key, Value: model[key]})
			}
		}
		got, err := targets[rand.IntN(2)].Entries(t.Context(), prefix)
		must(t, err)
		equal(t, "entries", got, want)
	}
}
