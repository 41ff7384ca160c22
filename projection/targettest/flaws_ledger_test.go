package targettest

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/cairndb/cairn/projection"
)

var ledgerFlaws = []flaw{
	{name: "entries in the order of a dictionary", target: reads(func(all []projection.Entry, _ string) []projection.Entry {
		letters := strings.NewReplacer("-", "", "_", "", "/", "", ".", "")
		slices.SortStableFunc(all, func(a, b projection.Entry) int {
			return strings.Compare(letters.Replace(a.Key), letters.Replace(b.Key))
		})
		return all
	}), caughtBy: []string{"Entries/ByPrefix"}},
	{name: "a prefix is a pattern", target: matching(func(prefix, key string) bool {
		pattern := strings.ReplaceAll(regexp.QuoteMeta(prefix), "_", ".")
		return regexp.MustCompile("^" + pattern).MatchString(key)
	}), caughtBy: []string{"Entries/ByPrefix"}},
	{name: "a prefix ends before z", target: matching(func(prefix, key string) bool {
		return strings.HasPrefix(key, prefix) && key < prefix+"z"
	}), caughtBy: []string{"Entries/ByPrefix"}},
	{name: "the key itself is not under its prefix", target: matching(func(prefix, key string) bool {
		return strings.HasPrefix(key, prefix) && key != prefix
	}), caughtBy: []string{"Entries/ByPrefix", "Entries/ToTheByte"}},
	{name: "values cut at 65,535", target: storing(func(v string) string { return v[:min(len(v), 65535)] }), caughtBy: []string{"Entries/Limits"}},
	{name: "values without blanks at the end", target: storing(strings.TrimSpace), caughtBy: []string{"Entries/ToTheByte"}},
	{name: "values written in another way", target: storing(func(v string) string { return strings.ReplaceAll(v, `": `, `":`) }), caughtBy: []string{"Entries/ToTheByte"}},
	{name: "values that are equal in another case", target: func(b *breakable) {
		good := b.update
		b.update = func(ctx context.Context, c projection.Change, fn memFn) error {
			c.Expect = slices.Clone(c.Expect)
			for i, e := range c.Expect {
				if all, _ := b.Target.Entries(ctx, e.Key); len(all) == 1 && strings.EqualFold(all[0].Value, e.Value) {
					c.Expect[i] = all[0]
				}
			}
			return good(ctx, c, fn)
		}
	}, caughtBy: []string{"Entries/ToTheByte"}},
	{name: "no more than so many parameters", target: func(b *breakable) {
		good := b.update
		b.update = func(ctx context.Context, c projection.Change, fn memFn) error {
			if len(c.Put) > 1000 {
				return errors.New("too many parameters")
			}
			return good(ctx, c, fn)
		}
	}, caughtBy: []string{"Entries/Many"}},
	{name: "one entry after the other", target: func(b *breakable) {
		good := b.update
		b.update = func(ctx context.Context, c projection.Change, fn memFn) error {
			if len(c.Put) < 2 || len(c.Expect) > 0 {
				return good(ctx, c, fn)
			}
			for _, e := range c.Put {
				if err := good(ctx, projection.Change{Put: []projection.Entry{e}}, fn); err != nil {
					return err
				}
				dawdle()
			}
			return nil
		}
	}, caughtBy: []string{"Entries/AtOnce"}},
	{name: "entries as they were", target: func(b *breakable) {
		var mu sync.Mutex
		seen := map[string][]projection.Entry{}
		b.entries = func(ctx context.Context, prefix string) ([]projection.Entry, error) {
			mu.Lock()
			defer mu.Unlock()
			if old, ok := seen[prefix]; ok {
				return old, nil
			}
			all, err := b.Target.Entries(ctx, prefix)
			seen[prefix] = all
			return all, err
		}
	}, caughtBy: []string{"Entries/Change", "Expect/One"}},
	{name: "no ledger yet", target: func(b *breakable) {
		made := false
		good := b.update
		b.update = func(ctx context.Context, c projection.Change, fn memFn) error {
			made = true
			return good(ctx, c, fn)
		}
		b.entries = func(ctx context.Context, prefix string) ([]projection.Entry, error) {
			if !made {
				return nil, errMissing
			}
			return b.Target.Entries(ctx, prefix)
		}
	}, caughtBy: []string{"Entries/Empty"}},
	{name: "two make the ledger", target: func(b *breakable) {
		good := b.update
		var mu sync.Mutex
		making := 0
		b.update = func(ctx context.Context, c projection.Change, fn memFn) error {
			mu.Lock()
			making++
			second := making == 2
			mu.Unlock()
			if second {
				return errors.New("there is a table of that name already")
			}
			return good(ctx, c, fn)
		}
	}, caughtBy: []string{"FirstUse/Makers", "FirstUse/Founders"}},
}

// reads breaks what Entries returns.
func reads(change func(all []projection.Entry, prefix string) []projection.Entry) func(b *breakable) {
	return func(b *breakable) {
		good := b.entries
		b.entries = func(ctx context.Context, prefix string) ([]projection.Entry, error) {
			all, err := good(ctx, prefix)
			return change(all, prefix), err
		}
	}
}

// matching breaks what is under a prefix.
func matching(under func(prefix, key string) bool) func(b *breakable) {
	return func(b *breakable) {
		good := b.entries
		b.entries = func(ctx context.Context, prefix string) ([]projection.Entry, error) {
			all, err := good(ctx, "")
			return slices.DeleteFunc(all, func(e projection.Entry) bool { return !under(prefix, e.Key) }), err
		}
	}
}

// storing breaks how values are kept, and so what is expected.
func storing(change func(value string) string) func(b *breakable) {
	return func(b *breakable) {
		good := b.update
		each := func(all []projection.Entry) (changed []projection.Entry) {
			for _, e := range all {
				changed = append(changed, projection.Entry{Key: e.Key, Value: change(e.Value)})
			}
			return changed
		}
		b.update = func(ctx context.Context, c projection.Change, fn memFn) error {
			return good(ctx, projection.Change{Expect: each(c.Expect), Put: each(c.Put)}, fn)
		}
	}
}
