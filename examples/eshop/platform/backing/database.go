package backing

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// PostgreSQL is the one at postgres://….
func PostgreSQL(address, flag string) Service {
	return Service{
		Name: "PostgreSQL", Where: where(address), Flag: flag,
		Start: "pg_ctlcluster VERSION main start, or docker run -d -p 5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres",
		Version: func(ctx context.Context) (version string, err error) {
			c, err := pgx.Connect(ctx, address)
			if err != nil {
				return "", err
			}
			defer func() { err = errors.Join(err, c.Close(ctx)) }()
			err = c.QueryRow(ctx, "SHOW server_version").Scan(&version)
			version, _, _ = strings.Cut(version, " ")
			return version, err
		},
	}
}

// Redis is the one at redis://….
func Redis(address, flag string) Service {
	return Service{
		Name: "Redis", Where: where(address), Flag: flag,
		Start: "redis-server --daemonize yes, or docker run -d -p 6379:6379 redis",
		Version: func(ctx context.Context) (version string, err error) {
			o, err := redis.ParseURL(address)
			if err != nil {
				return "", err
			}
			if err := reach(ctx, o.Network, o.Addr); err != nil {
				return "", err // which the client would write to standard error, too
			}
			c := redis.NewClient(o)
			defer func() { err = errors.Join(err, c.Close()) }()
			info, err := c.Info(ctx, "server").Result()
			return line(info, "redis_version:"), err
		},
	}
}

// MongoDB is the one at mongodb://….
func MongoDB(address, flag string) Service {
	return Service{
		Name: "MongoDB", Where: where(address), Flag: flag,
		Start: "mongod --fork --logpath mongod.log --dbpath DIRECTORY, or docker run -d -p 27017:27017 mongo",
		Version: func(ctx context.Context) (version string, err error) {
			c, err := mongo.Connect(options.Client().ApplyURI(address).SetServerSelectionTimeout(patience / 2))
			if err != nil {
				return "", err
			}
			defer func() { err = errors.Join(err, c.Disconnect(context.WithoutCancel(ctx))) }()
			var info struct{ Version string }
			err = c.Database("admin").RunCommand(ctx, bson.D{{Key: "buildInfo", Value: 1}}).Decode(&info)
			return info.Version, err
		},
	}
}

// reach says whether anybody listens.
func reach(ctx context.Context, network, address string) error {
	c, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return err
	}
	return c.Close()
}

// where is the host and port of an address, which may hold a password.
func where(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "an address that cannot be read"
	}
	return u.Host
}

// line is what follows a word at the beginning of a line.
func line(text, word string) string {
	for l := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(l, word); ok {
			return strings.TrimSpace(rest)
		}
	}
	return fmt.Sprintf("(no %s)", strings.TrimSuffix(word, ":"))
}
