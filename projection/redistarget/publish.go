package redistarget

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/cairndb/cairn/projection"
)

// Publish makes readers see a build: [Target.View] resolves the tables' plain names
// to it from then on. All pointers and the change are written in one step.
func (t *Target) Publish(ctx context.Context, c projection.Change, tables []string, to projection.Names) error {
	var commands [][]any
	for _, table := range tables {
		commands = append(commands, []any{"hset", t.pointers(), table, to.Name(table)})
	}
	return t.change(ctx, c, commands)
}

// step is how many keys are removed at a time, so that others are served meanwhile.
const step = 500

// Discard removes the keys of a build in small steps, and makes the change after
// them. Each step makes sure that the entries still stand as expected and that
// readers see another build. To find the keys it goes through all that the Redis
// holds (SCAN), some thousands at a time.
func (t *Target) Discard(ctx context.Context, c projection.Change, tables []string, of projection.Names) error {
	d := discarding{t: t, expect: pairs(c.Expect)}
	d.tables = append(d.tables, 2*len(tables))
	var whole []string
	for _, table := range tables {
		d.tables = append(d.tables, table, of.Name(table))
		whole = append(whole, t.Key(of.Name(table)))
	}
	if err := d.remove(ctx, whole); err != nil {
		return err
	}
	for _, key := range whole {
		if err := d.below(ctx, key+":"); err != nil {
			return err
		}
	}
	return t.change(ctx, c, nil)
}

// discarding is the removal of a build.
type discarding struct {
	t              *Target
	expect, tables []any // for the script
}

// below removes all keys that begin with prefix.
func (d *discarding) below(ctx context.Context, prefix string) error {
	cluster, ok := d.t.client.(*redis.ClusterClient)
	if !ok {
		return d.scan(ctx, d.t.client, prefix)
	}
	return cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error { return d.scan(ctx, node, prefix) })
}

func (d *discarding) scan(ctx context.Context, node redis.Cmdable, prefix string) error {
	for cursor := uint64(0); ; {
		keys, next, err := node.Scan(ctx, cursor, literally.Replace(prefix)+"*", 2*step).Result()
		if err != nil {
			return because(ctx, "look for keys", err)
		}
		if err := d.remove(ctx, keys); err != nil {
			return err
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}

// literally makes a pattern that stands for the text itself.
var literally = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`)

// remove removes keys, or finds out that they must not be removed.
func (d *discarding) remove(ctx context.Context, keys []string) error {
	words := append(append([]any{}, d.expect...), d.tables...)
	words = append(words, len(keys))
	for _, k := range keys {
		words = append(words, k)
	}
	a, err := d.t.run(ctx, discardText, []string{d.t.ledger()[0], d.t.pointers()}, words)
	if err != nil {
		return because(ctx, "remove keys", err)
	}
	return a.err(nil)
}
