package redistarget_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/redistarget"
)

// A wrong is a command that Redis finds out about only when it runs.
var wrongs = map[string]func(context.Context, tx){
	"type":     func(ctx context.Context, tx tx) { tx.HSet(ctx, tx.Key("fixed:string"), "a", 1) },
	"number":   func(ctx context.Context, tx tx) { tx.Incr(ctx, tx.Key("fixed:string")) },
	"overflow": func(ctx context.Context, tx tx) { tx.HIncrBy(ctx, tx.Key("fixed:hash"), "most", 1) },
	"float":    func(ctx context.Context, tx tx) { tx.Do(ctx, "zadd", tx.Key("fixed:zset"), "high", "a") },
	"missing":  func(ctx context.Context, tx tx) { tx.Rename(ctx, tx.Key("nothing"), tx.Key("else")) },
	"index":    func(ctx context.Context, tx tx) { tx.LSet(ctx, tx.Key("fixed:list"), 1000, "x") },
	"unknown":  func(ctx context.Context, tx tx) { tx.Do(ctx, "frobnicate", "x") },
	"script":   func(ctx context.Context, tx tx) { tx.Eval(ctx, "return 1", nil) },
	"arity":    func(ctx context.Context, tx tx) { tx.Do(ctx, "get") },
	"bare":     func(ctx context.Context, tx tx) { tx.Do(ctx, "hset") },
}

// furnish makes keys of every kind, some with a lifetime.
func (s *space) furnish(t testing.TB) {
	t.Helper()
	_, err := s.client.Pipelined(t.Context(), func(p redis.Pipeliner) error {
		ctx, key := t.Context(), func(k string) string { return s.prefix + k }
		p.Set(ctx, key("string"), "text", time.Hour)
		p.Set(ctx, key("counter"), 41, 0)
		p.Set(ctx, key("fixed:string"), "text", 0)
		p.HSet(ctx, key("fixed:hash"), "most", "9223372036854775807")
		p.RPush(ctx, key("fixed:list"), "a")
		p.HSet(ctx, key("hash"), "a", "1", "b", "2")
		p.HSet(ctx, key("short"), "a", "1")
		p.Expire(ctx, key("short"), time.Hour)
		p.SAdd(ctx, key("set"), "a", "b")
		p.ZAdd(ctx, key("zset"), redis.Z{Score: 0.1, Member: "a"}, redis.Z{Score: 2, Member: "b"})
		p.Expire(ctx, key("zset"), time.Hour)
		p.RPush(ctx, key("list"), "a", "b", "c")
		p.XAdd(ctx, &redis.XAddArgs{Stream: key("stream"), ID: "1-1", Values: []string{"a", "b"}})
		return nil
	})
	must(t, err)
}

// some are commands that do all kinds of things to what is furnished.
var some = []func(context.Context, tx){
	func(ctx context.Context, tx tx) { tx.Set(ctx, tx.Key("string"), "other", 0) },
	func(ctx context.Context, tx tx) { tx.Incr(ctx, tx.Key("counter")) },
	func(ctx context.Context, tx tx) { tx.Incr(ctx, tx.Key("new")) },
	func(ctx context.Context, tx tx) { tx.Del(ctx, tx.Key("counter"), tx.Key("set")) },
	func(ctx context.Context, tx tx) { tx.HSet(ctx, tx.Key("hash"), "a", "x", "c", "y") },
	func(ctx context.Context, tx tx) { tx.HIncrBy(ctx, tx.Key("hash"), "b", 7) },
	func(ctx context.Context, tx tx) { tx.HIncrByFloat(ctx, tx.Key("hash"), "z", 0.5) },
	func(ctx context.Context, tx tx) { tx.HDel(ctx, tx.Key("hash"), "a", "b", "none") },
	func(ctx context.Context, tx tx) { tx.HDel(ctx, tx.Key("short"), "a") },
	func(ctx context.Context, tx tx) { tx.HSetNX(ctx, tx.Key("short"), "b", "1") },
	func(ctx context.Context, tx tx) { tx.Persist(ctx, tx.Key("short")) },
	func(ctx context.Context, tx tx) { tx.SAdd(ctx, tx.Key("set"), "b", "c") },
	func(ctx context.Context, tx tx) { tx.SRem(ctx, tx.Key("set"), "a", "b") },
	func(ctx context.Context, tx tx) { tx.SMove(ctx, tx.Key("set"), tx.Key("set2"), "a") },
	func(ctx context.Context, tx tx) {
		tx.ZAddGT(ctx, tx.Key("zset"), redis.Z{Score: 5, Member: "a"}, redis.Z{Score: 1, Member: "n"})
	},
	func(ctx context.Context, tx tx) { tx.ZIncrBy(ctx, tx.Key("zset"), 3, "b") },
	func(ctx context.Context, tx tx) { tx.ZRem(ctx, tx.Key("zset"), "a", "b") },
	func(ctx context.Context, tx tx) { tx.ZRemRangeByRank(ctx, tx.Key("zset"), 0, 0) },
	func(ctx context.Context, tx tx) { tx.RPush(ctx, tx.Key("list"), "d") },
	func(ctx context.Context, tx tx) { tx.LTrim(ctx, tx.Key("list"), 1, 1) },
	func(ctx context.Context, tx tx) { tx.Rename(ctx, tx.Key("hash"), tx.Key("hash2")) },
	func(ctx context.Context, tx tx) {
		tx.XAdd(ctx, &redis.XAddArgs{Stream: tx.Key("stream"), Values: []string{"c", "d"}, MaxLen: 1})
	},
	func(ctx context.Context, tx tx) { tx.Expire(ctx, tx.Key("hash"), time.Hour) },
	func(ctx context.Context, tx tx) {
		tx.ZUnionStore(ctx, tx.Key("zset"), &redis.ZStore{Keys: []string{tx.Key("zset"), tx.Key("set")}})
	},
	func(ctx context.Context, tx tx) { tx.Copy(ctx, tx.Key("set"), tx.Key("zset"), 0, true) },
	func(ctx context.Context, tx tx) { tx.Publish(ctx, tx.Key("channel"), "x") },
}

// Whatever has run before a command that fails is undone, the ledger included.
func TestUndo(t *testing.T) {
	for name, wrong := range wrongs {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			target := s.target(t)
			s.furnish(t)
			must(t, target.Apply(t.Context(), move("a", "", "1")))
			before := s.state(t)
			for range 30 {
				s.fail(t, target, wrong)
				if after := s.state(t); !maps.Equal(before, after) {
					t.Fatalf("the state has changed:\n%v\n%v", before, after)
				}
			}
		})
	}
}

// fail makes an update of random commands of which one fails, the last or not.
func (s *space) fail(t *testing.T, target *redistarget.Target, wrong func(context.Context, tx)) {
	t.Helper()
	c := move("a", "1", "2")
	c.Put = append(c.Put, projection.Entry{Key: "b", Value: "new"})
	var did []int
	err := target.Update(t.Context(), c, func(ctx context.Context, tx tx) error {
		for range rand.IntN(8) {
			n := rand.IntN(len(some))
			did = append(did, n)
			some[n](ctx, tx)
		}
		wrong(ctx, tx)
		for range rand.IntN(2) {
			some[rand.IntN(len(some))](ctx, tx)
		}
		return nil
	})
	var failed *redistarget.CommandError
	if !errors.As(err, &failed) {
		t.Fatalf("%v after %v, want a CommandError", err, did)
	}
	if got := target.Fault(err); got != projection.FaultEvent {
		t.Errorf("fault of %v: %v", err, got)
	}
	if strings.Contains(failed.Command, "\n") || failed.Command == "" {
		t.Errorf("command %q", failed.Command)
	}
}

// Without a wrong one they all run, as MULTI would run them.
func TestNothingToUndo(t *testing.T) {
	s := open(t)
	target := s.target(t)
	for round := range 30 {
		s.remove(t)
		s.furnish(t)
		a := s.state(t)
		commands := rand.Perm(len(some))[:rand.IntN(6)]
		err := target.Update(t.Context(), projection.Change{}, func(ctx context.Context, tx tx) error {
			for _, n := range commands {
				some[n](ctx, tx)
			}
			return nil
		})
		if err != nil {
			equal(t, fmt.Sprint(round, commands, err), s.state(t), a)
			continue
		}
		transacted := s.state(t)
		s.remove(t)
		s.furnish(t)
		_, err = s.client.TxPipelined(t.Context(), func(p redis.Pipeliner) error {
			queue := redistarget.Queue(p, s.prefix)
			for _, n := range commands {
				some[n](t.Context(), queue)
			}
			return nil
		})
		must(t, err)
		if now := s.state(t); !maps.Equal(now, transacted) && !strings.Contains(fmt.Sprint(commands), "21") { // XADD gives numbers by the clock
			t.Errorf("round %d, commands %v: in MULTI\n%v\nin a transaction\n%v", round, commands, now, transacted)
		}
	}
}
