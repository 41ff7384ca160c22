package kurrentdb

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/kurrent-io/KurrentDB-Client-Go/kurrentdb"
)

// schemes are those of the URLs that name a KurrentDB.
var schemes = []string{"kurrentdb", "kurrentdb+discover", "kurrent", "kurrent+discover", "kdb", "kdb+discover", "esdb", "esdb+discover"}

// Names reports whether a URL is that of a KurrentDB.
func Names(s string) bool {
	scheme, _, ok := strings.Cut(s, "://")
	return ok && slices.Contains(schemes, strings.ToLower(scheme))
}

// A DB is a connection to a KurrentDB. Its methods may be called concurrently.
type DB struct{ client *kurrentdb.Client }

// Open prepares a connection to the KurrentDB at a URL, in the form that all its
// clients understand. Whether there is one shows with the first call. The error
// does not hold the password.
func Open(s string) (*DB, error) {
	config, err := kurrentdb.ParseConnectionString(s)
	if err != nil {
		return nil, fmt.Errorf("kurrentdb: the URL is wrong: %w", withoutURL(err))
	}
	config.Logger = kurrentdb.NoopLogging() // what matters is an error
	client, err := kurrentdb.NewClient(config)
	if err != nil {
		return nil, fmt.Errorf("kurrentdb: %w", err)
	}
	return &DB{client}, nil
}

// withoutURL takes the URL, which may hold a password, out of what net/url says.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// Close ends the connection.
func (db *DB) Close() error { return db.client.Close() }

// failed says what was being done. The client's own error stands behind it.
func failed(doing string, err error) error { return fmt.Errorf("kurrentdb: %s: %w", doing, err) }
