package platformtest

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// RedisAddress is where Redis is: CAIRN_REDIS_ADDR, or on this machine.
func RedisAddress() string { return cmp.Or(os.Getenv("CAIRN_REDIS_ADDR"), "127.0.0.1:6379") }

// Redis connects to it. All keys that begin with the prefix are the test's own, and
// go with it.
func Redis(t testing.TB) (client *redis.Client, prefix string) {
	t.Helper()
	client = redis.NewClient(&redis.Options{Addr: RedisAddress(), DialerRetries: 1})
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	Need(t, "Redis", client.Ping(t.Context()).Err())
	prefix = fmt.Sprintf("eshop-test-%016x:", rand.Uint64())
	t.Cleanup(func() { forget(t, client, prefix) })
	return client, prefix
}

func forget(t testing.TB, client *redis.Client, prefix string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	keys := client.Scan(ctx, 0, prefix+"*", 1000).Iterator()
	for keys.Next(ctx) {
		if err := client.Unlink(ctx, keys.Val()).Err(); err != nil {
			t.Error(err)
		}
	}
	if keys.Err() != nil {
		t.Error(keys.Err())
	}
}
