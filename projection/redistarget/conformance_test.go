package redistarget_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/redistarget"
	"github.com/cairndb/cairn/projection/targettest"
)

type tx = *redistarget.Tx

// A table of the kit is a hash, so that several can be read as of one moment.
func subject(t testing.TB) targettest.Subject[tx] {
	s := open(t)
	first := s.connect(t, nil)
	return targettest.Subject[tx]{
		Target: redistarget.New(first, &redistarget.Options{Prefix: s.prefix}),
		Second: s.target(t),
		Put: func(ctx context.Context, tx tx, r targettest.Row) error {
			return tx.HSet(ctx, tx.Key(r.Table), r.Key, r.N).Err()
		},
		Add: func(ctx context.Context, tx tx, r targettest.Row) error {
			return tx.HIncrBy(ctx, tx.Key(r.Table), r.Key, r.N).Err()
		},
		Delete: func(ctx context.Context, tx tx, r targettest.Row) error {
			return tx.HDel(ctx, tx.Key(r.Table), r.Key).Err()
		},
		Rows: s.rows,
		Faults: targettest.Faults[tx]{
			Violate: func(ctx context.Context, tx tx, table string) error {
				tx.HSet(ctx, tx.Key(table), "text", "abc")
				return tx.HIncrBy(ctx, tx.Key(table), "text", 1).Err()
			},
			Cut: func(t testing.TB) { s.cut(t, first) },
			Down: func(t testing.TB) projection.Target[tx] {
				return s.other(t, func(o *redis.Options) { o.Addr = "127.0.0.1:1" })
			},
			Locked: func(t testing.TB) projection.Target[tx] {
				return s.other(t, func(o *redis.Options) { o.Username, o.Password = "nobody", "x" })
			},
		},
	}
}

func (s *space) other(t testing.TB, change func(*redis.Options)) projection.Target[tx] {
	return redistarget.New(s.connect(t, change), &redistarget.Options{Prefix: s.prefix})
}

// reading resolves what is published and reads whole tables, as of one moment.
var reading = redis.NewScript(`
local all = {}
for i, table in ipairs(ARGV) do
	local name = redis.call('HGET', KEYS[1], table) or table
	all[i] = redis.call('HGETALL', KEYS[2] .. name)
end
return all`)

func (s *space) rows(ctx context.Context, tables ...string) ([]map[string]int64, error) {
	var args []any
	for _, table := range tables {
		args = append(args, table)
	}
	all, err := reading.Run(ctx, s.client, []string{s.prefix + "cairn_projection:published", s.prefix}, args...).Slice()
	if err != nil {
		return nil, err
	}
	var read []map[string]int64
	for _, flat := range all {
		rows := map[string]int64{}
		for words := flat.([]any); len(words) > 1; words = words[2:] {
			n, err := strconv.ParseInt(fmt.Sprint(words[1]), 10, 64)
			if err != nil {
				return nil, err
			}
			rows[words[0].(string)] = n
		}
		read = append(read, rows)
	}
	return read, nil
}

func TestConformance(t *testing.T) { targettest.Run(t, subject) }
