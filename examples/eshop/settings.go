package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/spf13/pflag"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/client"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/examples/eshop/basket"
	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/examples/eshop/reviews"
	"github.com/cairndb/cairn/examples/eshop/shop"
)

// settings say what the services stand on.
type settings struct {
	store, server     string
	readModels        string
	baskets, reviews  string
	broker, brokerURL string
	space             string
	timeout, slow     time.Duration
	verbose           bool

	flags *pflag.FlagSet // what sets them
}

func (s *settings) addTo(f *pflag.FlagSet) {
	s.flags = f
	f.StringVar(&s.store, "store", getenv("ESHOP_STORE", "./eshop-data"), "directory of the store (env ESHOP_STORE)")
	f.StringVar(&s.server, "server", getenv("ESHOP_SERVER", ""), "in place of --store: the server that has it, like cairn://127.0.0.1:2113?tls=false (env ESHOP_SERVER)")
	f.StringVar(&s.readModels, "read-models", getenv("ESHOP_READ_MODELS", ""), "database of the tables, sqlite:FILE or postgres://...; if not given a SQLite file beside the store (env ESHOP_READ_MODELS)")
	f.StringVar(&s.baskets, "baskets", getenv("ESHOP_BASKETS", ""), "where the baskets are, redis://HOST:PORT/NUMBER; if not given the database of the tables (env ESHOP_BASKETS)")
	f.StringVar(&s.reviews, "reviews", getenv("ESHOP_REVIEWS", ""), "database of the reviews, mongodb://...; if not given that of the tables (env ESHOP_REVIEWS)")
	f.StringVar(&s.broker, "broker", getenv("ESHOP_BROKER", "log"), "what carries integration events: log, memory, nats, rabbitmq or kafka (env ESHOP_BROKER)")
	f.StringVar(&s.brokerURL, "broker-url", getenv("ESHOP_BROKER_URL", ""), "where the broker is; if not given on this machine (env ESHOP_BROKER_URL)")
	f.StringVar(&s.space, "space", getenv("ESHOP_SPACE", ""), "what keeps shops apart that share a broker, a PostgreSQL, a Redis or a MongoDB; if not given a name that is the store's own (env ESHOP_SPACE)")
	f.DurationVar(&s.timeout, "payment-timeout", 30*time.Second, "how long an order waits for its payment")
	f.DurationVar(&s.slow, "slow-payment", 20*time.Second, "how long a payment takes while they are switched to slow")
	f.BoolVar(&s.verbose, "verbose", false, "log more than what is wrong")
}

// A ground is what services stand on, opened.
type ground struct {
	shop.Options
	space  string
	server string                        // the address of the store, if this process serves it
	undo   []func(context.Context) error // the last first
}

func (g *ground) later(undo func(context.Context) error) { g.undo = append(g.undo, undo) }

// close gives everything up, the last first.
func (g *ground) close(ctx context.Context) (err error) {
	for i := len(g.undo) - 1; i >= 0; i-- {
		err = errors.Join(err, g.undo[i](ctx))
	}
	return err
}

// open opens everything but the store, which is there already.
func (s *settings) open(ctx context.Context, g *ground, store cairn.Store, log *slog.Logger) (err error) {
	g.Store, g.Logger, g.Timeout, g.Slow = store, log, s.timeout, s.slow
	if g.space, err = s.named(ctx, store); err != nil {
		return err
	}
	for _, open := range []func(context.Context, *ground) error{s.openTables, s.openBaskets, s.openReviews} {
		if err := open(ctx, g); err != nil {
			return err
		}
	}
	g.Bus, err = platform.OpenBus(ctx, platform.BusChoice{Kind: s.broker, URL: s.brokerURL, Space: g.space, Store: store, Logger: log})
	if err != nil {
		return err
	}
	g.later(g.Bus.Close)
	return nil
}

// tables is the URL of the database of the tables.
func (s *settings) tables() string {
	return cmp.Or(s.readModels, "sqlite:"+filepath.Clean(s.store)+".db")
}

func (s *settings) openTables(ctx context.Context, g *ground) error {
	url, err := platform.InSchema(ctx, s.tables(), g.space)
	if err != nil {
		return err
	}
	if g.DB, err = platform.OpenDatabase(ctx, url); err != nil {
		return err
	}
	g.later(func(context.Context) error { return g.DB.Close() })
	return nil
}

func (s *settings) openBaskets(_ context.Context, g *ground) error {
	if s.baskets == "" {
		return nil
	}
	o, err := redis.ParseURL(s.baskets)
	if err != nil {
		return fmt.Errorf("--baskets: %w", err)
	}
	c := redis.NewClient(o)
	g.later(func(context.Context) error { return c.Close() })
	g.Baskets = basket.Redis(c, g.space+":basket:")
	return nil
}

func (s *settings) openReviews(ctx context.Context, g *ground) error {
	if s.reviews == "" {
		return nil
	}
	c, err := mongo.Connect(options.Client().ApplyURI(s.reviews))
	if err != nil {
		return fmt.Errorf("--reviews: %w", err)
	}
	g.later(c.Disconnect)
	g.Documents, err = reviews.Mongo(ctx, c.Database(g.space).Collection("reviews"))
	return err
}

// openStore opens the store in its directory, or makes one.
func (s *settings) openStore(o *disk.Options) (*disk.Store, error) { return disk.Open(s.store, o) }

// dial connects to the server that has the store.
func dial(ctx context.Context, address string) (cairn.Store, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	store, err := client.Dial(ctx, address, nil)
	if err != nil {
		return nil, err // and not a store that is a nil pointer
	}
	return store, nil
}
