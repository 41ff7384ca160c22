package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/client"
)

// pens is how many goroutines of a writer write at the same time, and most how
// many events they append at once.
const (
	pens = 32
	most = 8
)

// write appends the events of the writer's orders, from where they stand. What
// the store has acknowledged is written to a file before the writer goes on.
func write(ctx context.Context, p part, _ io.Writer) error {
	acks, err := os.OpenFile(ackPath(p.Dir, p.Number, p.Life), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer acks.Close()
	return using(ctx, p, func(ctx context.Context, store *client.Client) error {
		all, ctx := errgroup.WithContext(ctx)
		for n := range pens {
			pen := pen{plan: p.Plan, store: store, acks: acks, dice: rand.New(rand.NewPCG(p.Plan.Seed, uint64(p.Number*pens+n)))}
			for key := p.Number + n*writers; key < p.Plan.Keys; key += writers * pens {
				pen.keys = append(pen.keys, key)
			}
			all.Go(func() error { return pen.write(ctx) })
		}
		return all.Wait()
	})
}

func ackPath(dir string, writer, life int) string {
	return filepath.Join(dir, fmt.Sprintf("acks-%d-%d", writer, life))
}

// A pen writes to orders to which nobody else writes.
type pen struct {
	plan  plan
	store *client.Client
	acks  io.Writer
	dice  *rand.Rand
	keys  []int
}

// write writes some events here and some there until all orders have theirs.
func (p *pen) write(ctx context.Context) error {
	stand := make([]cairn.Revision, len(p.keys))
	var open []int
	for i, key := range p.keys {
		info, err := p.store.StreamInfo(ctx, order(key))
		if err != nil {
			return err
		}
		stand[i] = info.Last
		open = append(open, i)
	}
	for len(open) > 0 {
		at := p.dice.IntN(len(open))
		i := open[at]
		if int(stand[i])+1 >= p.plan.length(p.keys[i]) {
			open[at] = open[len(open)-1]
			open = open[:len(open)-1]
			continue
		}
		var err error
		if stand[i], err = p.append(ctx, p.keys[i], stand[i]); err != nil {
			return err
		}
	}
	return nil
}

// append writes the next events of an order, and returns where it stands then.
// When the answer was lost the order is looked at again: if the events turn out
// to be stored after that, the next ones conflict.
func (p *pen) append(ctx context.Context, key int, at cairn.Revision) (cairn.Revision, error) {
	first := int(at) + 1
	end := min(first+1+p.dice.IntN(most), p.plan.length(key))
	var events []cairn.Event
	for seq := first; seq < end; seq++ {
		events = append(events, p.plan.happens(step{key, seq}))
	}
	r, err := p.store.Append(ctx, order(key), at, events...)
	if err == nil {
		_, err = fmt.Fprintf(p.acks, "%d %d %s\n", key, r.Revision, events[len(events)-1].ID)
		return r.Revision, err
	}
	if !errors.Is(err, cairn.ErrUnknownOutcome) && !errors.Is(err, cairn.ErrConflict) {
		return at, err
	}
	info, err := p.store.StreamInfo(ctx, order(key))
	return info.Last, err
}
