package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/cairndb/cairn"
)

// write appends so many events a second, until ctx ends. What is late is made up for.
func write(ctx context.Context, p part, out io.Writer) error {
	store, err := dial(ctx, p.Store)
	if err != nil {
		return err
	}
	began, n := time.Now(), 0
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			fmt.Fprintln(out, "wrote", n, time.Since(began))
			return store.Close()
		}
		due := min(int(time.Since(began).Seconds()*float64(p.Rate))-n, p.Rate)
		var batches []cairn.Batch
		for range due {
			batches = append(batches, spend(int64(rand.IntN(p.Keys))))
		}
		if _, err := commit(context.WithoutCancel(ctx), store, batches); err != nil {
			return err
		}
		n += len(batches)
	}
}

func spend(keys ...int64) cairn.Batch {
	var b cairn.Batch
	for _, k := range keys {
		data := fmt.Appendf(nil, `{"k":%d,"cents":%d}`, k, rand.IntN(1000))
		b.Writes = append(b.Writes, cairn.Write{Stream: customer(k), Expected: cairn.Any, Events: []cairn.Event{{Type: "spent", Data: data}}})
	}
	return b
}
