package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/cairndb/cairn/projection"
)

// A watched target tells the campaign what becomes of transactions.
type watched[Tx any] struct {
	projection.Target[Tx]
	out io.Writer
}

func (w watched[Tx]) Update(ctx context.Context, c projection.Change, fn func(context.Context, Tx) error) error {
	return w.tell(w.Target.Update(ctx, c, fn))
}

func (w watched[Tx]) Apply(ctx context.Context, c projection.Change) error {
	return w.tell(w.Target.Apply(ctx, c))
}

func (w watched[Tx]) tell(err error) error {
	switch {
	case err == nil:
		fmt.Fprintln(w.out, "works")
	case errors.Is(err, projection.ErrMoved):
		fmt.Fprintln(w.out, "refused")
	}
	return err
}

// A publishing target tells how long it took to show readers another build.
type publishing[Tx any] struct {
	projection.Target[Tx]
	publisher projection.Publisher
	out       io.Writer
}

func (p publishing[Tx]) Publish(ctx context.Context, c projection.Change, tables []string, to projection.Names) error {
	begun := time.Now()
	err := p.publisher.Publish(ctx, c, tables, to)
	if err == nil {
		fmt.Fprintln(p.out, "published", time.Since(begun))
	}
	return err
}

func (p publishing[Tx]) Discard(ctx context.Context, c projection.Change, tables []string, of projection.Names) error {
	return p.publisher.Discard(ctx, c, tables, of)
}
