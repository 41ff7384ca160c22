package basket

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
)

// Forgotten is after how long Redis lets go of a basket that nobody has put
// anything into.
const Forgotten = 30 * 24 * time.Hour

type hashes struct {
	client redis.UniversalClient
	prefix string
}

// Redis keeps each basket as a hash, whose name is the prefix and the session, with
// a field for each line. A basket that nobody touches is forgotten after a while,
// which is what Redis is good at, and no harm is done. The client is the caller's
// to close.
func Redis(client redis.UniversalClient, prefix string) Store { return &hashes{client, prefix} }

func (s *hashes) key(session string) string { return s.prefix + session }

// Lines implements [Store].
func (s *hashes) Lines(ctx context.Context, session string) ([]Line, error) {
	fields, err := s.client.HGetAll(ctx, s.key(session)).Result()
	if err != nil {
		return nil, fmt.Errorf("basket: %w", err)
	}
	all := make([]Line, 0, len(fields))
	for sku, field := range fields {
		var l Line
		if err := json.Unmarshal([]byte(field), &l); err != nil {
			return nil, fmt.Errorf("basket: line %q: %w", sku, err)
		}
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b Line) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.SKU, b.SKU)) })
	return all, nil
}

// put writes a field unless the hash has so many others: one step, so that no two
// can both find room for the last one.
var put = redis.NewScript(`
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then
	return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1`)

// Put implements [Store].
func (s *hashes) Put(ctx context.Context, session string, l Line) error {
	field, err := json.Marshal(l)
	if err != nil {
		return err
	}
	written, err := put.Run(ctx, s.client, []string{s.key(session)}, l.SKU, field, MaxLines, int(Forgotten.Seconds())).Int()
	if err != nil {
		return fmt.Errorf("basket: %w", err)
	}
	if written == 0 {
		return full()
	}
	return nil
}

// Remove implements [Store].
func (s *hashes) Remove(ctx context.Context, session, sku string) (err error) {
	if sku == "" {
		err = s.client.Del(ctx, s.key(session)).Err()
	} else {
		err = s.client.HDel(ctx, s.key(session), sku).Err()
	}
	if err != nil {
		return fmt.Errorf("basket: %w", err)
	}
	return nil
}
