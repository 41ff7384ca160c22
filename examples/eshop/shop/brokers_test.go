package shop_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/examples/eshop/platform/platformtest"
)

// TestBrokers has the same services speak through each broker. Those of the machine
// are skipped by name where they are not, unless they are required.
func TestBrokers(t *testing.T) {
	t.Run("nats", func(t *testing.T) {
		c := platform.BusChoice{Kind: "nats", URL: cmp.Or(os.Getenv("CAIRN_NATS_URL"), client.DefaultURL), Space: space()}
		conn, err := client.Connect(c.URL)
		platformtest.Need(t, "NATS", err)
		t.Cleanup(func() {
			js, _ := jetstream.New(conn)
			_ = js.DeleteStream(context.Background(), c.Space+"-eshop")
			conn.Close()
		})
		trade(t, c)
	})
	t.Run("rabbitmq", func(t *testing.T) {
		c := platform.BusChoice{Kind: "rabbitmq", URL: cmp.Or(os.Getenv("CAIRN_AMQP_URL"), "amqp://guest:guest@127.0.0.1:5672/"), Space: space()}
		conn, err := amqp.Dial(c.URL)
		platformtest.Need(t, "RabbitMQ", err)
		t.Cleanup(func() { sweep(conn, c.Space) })
		trade(t, c)
	})
	t.Run("kafka", func(t *testing.T) {
		cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
		must(t, err)
		t.Cleanup(cluster.Close)
		trade(t, platform.BusChoice{Kind: "kafka", URL: cluster.ListenAddrs()[0], Space: space()})
	})
}

func space() string { return fmt.Sprintf("test%08x", rand.Uint32()) }

// sweep removes what the shop has declared.
func sweep(conn *amqp.Connection, space string) {
	defer conn.Close()
	ch, err := conn.Channel()
	if err != nil {
		return
	}
	for _, s := range contract.Subscriptions {
		_, _ = ch.QueueDelete(space+"."+s.Topic+"."+s.Name, false, false, false)
	}
	_, _ = ch.QueueDelete(space+".unheard", false, false, false)
	_ = ch.ExchangeDelete(space+".eshop", false, false)
}

func trade(t *testing.T, c platform.BusChoice) {
	v := found(t)
	c.Logger = v.o.Logger
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	bus, err := platform.OpenBus(ctx, c)
	must(t, err)
	t.Cleanup(func() {
		if err := bus.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	v.o.Bus = stutter{bus}
	v.open()
	v.trade()
}

func TestNoSuchBroker(t *testing.T) {
	if _, err := platform.OpenBus(t.Context(), platform.BusChoice{Kind: "pigeons"}); err == nil {
		t.Error("there is a broker called pigeons")
	}
}
