package redistarget_test

import (
	"fmt"
	"regexp"
	"testing"
	"time"
)

var connection = regexp.MustCompile(`id=(\d+) [^\n]*name=([^ ]*) `)

// connectionsOf are the numbers of a client's connections, by its name.
func connectionsOf(list, name string) (ids []string) {
	for _, m := range connection.FindAllStringSubmatch(list, -1) {
		if m[2] == name {
			ids = append(ids, m[1])
		}
	}
	return ids
}

// contents is what a key holds, as text, and whether it will end.
func (s *space) contents(t testing.TB, key string) string {
	t.Helper()
	c, ctx := s.client, t.Context()
	var v any
	var err error
	switch kind := c.Type(ctx, key).Val(); kind {
	case "string":
		v, err = c.Get(ctx, key).Result()
	case "hash":
		v, err = c.HGetAll(ctx, key).Result()
	case "set":
		v, err = c.SMembersMap(ctx, key).Result()
	case "zset":
		v, err = c.ZRangeWithScores(ctx, key, 0, -1).Result()
	case "list":
		v, err = c.LRange(ctx, key, 0, -1).Result()
	case "stream":
		v, err = c.XRange(ctx, key, "-", "+").Result()
	default:
		t.Fatalf("%s is a %s", key, kind)
	}
	must(t, err)
	return fmt.Sprintf("%v, ends: %v", v, c.PTTL(ctx, key).Val() > time.Millisecond)
}
