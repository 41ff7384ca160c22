package redistarget

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/redis/go-redis/v9"

	"github.com/cairndb/cairn/projection"
)

var (
	_ projection.Target[*Tx] = (*Target)(nil)
	_ projection.Publisher   = (*Target)(nil)
)

// Options are the settings of a target. The zero value is right for a Redis of its
// own.
type Options struct {
	// Prefix begins all keys: those of the ledger, those that [Tx.Key] makes and
	// those that readers ask [View.Key] for. In a Redis Cluster it must hold a
	// hash tag, such as "{shop}:".
	Prefix string
}

// A Target keeps read models in Redis. It has nothing to close; the client belongs
// to the caller. All methods may be called concurrently, in any number of processes.
type Target struct {
	client redis.UniversalClient
	prefix string
	safe   atomic.Bool // Redis was found not to evict
}

// New makes a target over a client. Nil options are those of the zero value.
func New(client redis.UniversalClient, o *Options) *Target {
	if o == nil {
		o = &Options{}
	}
	return &Target{client: client, prefix: o.Prefix}
}

// Traits says that rows and bookkeeping change together, and what a crash of Redis
// may lose: some of the last of both.
func (t *Target) Traits() projection.Traits {
	return projection.Traits{
		Transactional: true,
		Volatile: "what Redis had not written to disk, and no replica had, when it crashed: about a second with appendfsync everysec, " +
			"everything since the last snapshot without an append-only file; rows and checkpoint go back together",
	}
}

// Key is a key of a table: the prefix, the table's name in its build, and the parts
// of what identifies a row, joined by colons. Without parts it is the key of a
// table that is one key as a whole, such as a sorted set.
func (t *Target) Key(name string, id ...string) string { return keyOf(t.prefix, name, id) }

func keyOf(prefix, name string, id []string) string {
	return prefix + strings.Join(append([]string{name}, id...), ":")
}

// ledger is where the entries are: their values, and their keys in order.
func (t *Target) ledger() []string {
	return []string{t.prefix + "cairn_projection", t.prefix + "cairn_projection:keys"}
}

// pointers is where it stands which build's tables readers see.
func (t *Target) pointers() string { return t.prefix + "cairn_projection:published" }

// Entries returns the entries whose key begins with prefix, as one moment shows them.
func (t *Target) Entries(ctx context.Context, prefix string) ([]projection.Entry, error) {
	flat, err := entriesScript.Run(ctx, t.client, t.ledger(), prefix).StringSlice()
	if err != nil {
		return nil, because(ctx, "read the entries", err)
	}
	var entries []projection.Entry
	for ; len(flat) > 1; flat = flat[2:] {
		entries = append(entries, projection.Entry{Key: flat[0], Value: flat[1]})
	}
	return entries, nil
}

// Apply makes a change without rows.
func (t *Target) Apply(ctx context.Context, c projection.Change) error {
	return t.change(ctx, c, nil)
}
