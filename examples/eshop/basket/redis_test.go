package basket_test

import (
	"net/http"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/cairndb/cairn/examples/eshop/basket"
	"github.com/cairndb/cairn/examples/eshop/platform/platformtest"
)

// TestForgotten: Redis lets go of a basket some time after something was last put
// into it, and shops with other prefixes have other baskets.
func TestForgotten(t *testing.T) {
	client, prefix := platformtest.Redis(t)
	h := open(t, basket.Redis(client, prefix))
	put := func() {
		if status, body := ask(t, h, "PUT", "/baskets/ann/tent", `{"name":"Tent","quantity":1,"cents":100}`); status != http.StatusOK {
			t.Fatal(status, body)
		}
	}
	put()
	must(t, client.Persist(t.Context(), prefix+"ann").Err())
	put()
	if left := client.TTL(t.Context(), prefix+"ann").Val(); left <= basket.Forgotten/2 || left > basket.Forgotten {
		t.Errorf("it is forgotten in %s, want %s", left, basket.Forgotten)
	}
	if lines, err := basket.Redis(client, prefix+"other:").Lines(t.Context(), "ann"); err != nil || len(lines) != 0 {
		t.Errorf("another shop has %v, %v", lines, err)
	}
}

// TestRedisIsDown: who asks is told that it failed, and no more.
func TestRedisIsDown(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", DialerRetries: 1, MaxRetries: -1})
	defer client.Close()
	h := open(t, basket.Redis(client, ""))
	for _, method := range []string{"GET", "DELETE"} {
		if status, _ := ask(t, h, method, "/baskets/ann", ""); status != http.StatusInternalServerError {
			t.Errorf("%s: %d", method, status)
		}
	}
	if _, err := basket.New(basket.Options{}); err == nil {
		t.Error("a service without a store")
	}
}
