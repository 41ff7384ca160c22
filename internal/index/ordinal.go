package index

import (
	"cmp"
	"context"
	"slices"

	"github.com/cairndb/cairn"
)

// Rank is how many places of a term, which is no stream, lie at or before a
// position. It decodes the places it has to count, but for those it counted
// before: see ladder.
func (x *Index) Rank(ctx context.Context, t Term, p cairn.Position) (n int64, err error) {
	number := uint64(p) >> t.Kind.blockBits()
	below := func(r rung) bool { return r.block <= number }
	err = x.climb(ctx, t, below, func(b *blocks, before int64) bool {
		n = before + int64(len(b.r.entries))
		if b.number < number {
			return true
		}
		n = before
		if b.number == number {
			at, found := slices.BinarySearchFunc(b.r.entries, p, func(e entry, p cairn.Position) int { return cmp.Compare(e.Position, p) })
			if found {
				at++
			}
			n += int64(at)
		}
		return false
	})
	return n, err
}

// Select is the n-th place of a term, which is no stream, counting from zero.
// False means that it has no more than n.
func (x *Index) Select(ctx context.Context, t Term, n int64) (p Place, ok bool, err error) {
	below := func(r rung) bool { return r.before <= n }
	err = x.climb(ctx, t, below, func(b *blocks, before int64) bool {
		if i := n - before; i < int64(len(b.r.entries)) {
			p, ok = b.r.entries[i].Place, true
		}
		return !ok
	})
	return p, ok, err
}

// climb visits the blocks of a term, ascending, with how many places lie before
// each, until visit returns false. It begins at the highest rung for which
// below holds, and leaves rungs where it comes further than anybody before.
func (x *Index) climb(ctx context.Context, t Term, below func(rung) bool, visit func(b *blocks, before int64) bool) error {
	l := x.ladders.of(t)
	start, top := l.from(below)
	w := climber{blocks: blocks{x: x, kind: t.Kind, name: t.Name}, on: start, stride: l.spacing()}
	err := w.climb(ctx, visit)
	if top {
		l.extend(w.rungs)
	}
	if closed := w.close(); err == nil {
		err = closed
	}
	return err
}

// A climber is on its way up a ladder.
type climber struct {
	blocks
	on     rung
	rungs  []rung // left on the way
	stride int
	since  int // blocks since the last rung
	begun  bool
}

// stretch is how many blocks to visit at a time. In between the index can be
// closed, and the context may end.
const stretch = 64

func (c *climber) climb(ctx context.Context, visit func(b *blocks, before int64) bool) error {
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if !c.steps(visit) {
			return c.err
		}
	}
}

func (c *climber) steps(visit func(b *blocks, before int64) bool) (more bool) {
	if !c.enter() {
		return false
	}
	defer c.leave() // a panic too: whoever closes the index on its way out would wait for ever
	for range stretch {
		if !c.step() || !visit(&c.blocks, c.on.before) {
			return false
		}
	}
	return true
}

// step goes to the next block, or to the first at or above the rung.
func (c *climber) step() bool {
	if !c.begun {
		c.begun = true
		if !c.seek(c.on.block) {
			return false
		}
		c.on.block = c.number
		return true
	}
	c.on.before += int64(len(c.r.entries))
	if !c.next() {
		return false
	}
	c.on.block = c.number
	if c.since++; c.since == c.stride {
		c.rungs, c.since = append(c.rungs, c.on), 0
	}
	return true
}
