package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/pgxtarget"
	"github.com/cairndb/cairn/projection/sqltarget"
)

// deploy brings a version of the read model to its readers.
func deploy(ctx context.Context, p part, out io.Writer, version int) error {
	m := spending.at(version)
	if p.Space.Kind == "sqlite" {
		db, err := p.Space.open()
		if err != nil {
			return err
		}
		defer db.Close()
		return deployTo(ctx, p, out, sqltarget.SQLite(db), m.sqlite())
	}
	pool, err := pgxpool.New(ctx, p.Space.Source)
	if err != nil {
		return err
	}
	defer pool.Close()
	return deployTo(ctx, p, out, pgxtarget.New(pool), m.pgx())
}

func deployTo[Tx any, T interface {
	projection.Target[Tx]
	projection.Publisher
}](ctx context.Context, p part, out io.Writer, target T, model projection.Projection[Tx]) error {
	store, err := dial(ctx, p.Store)
	if err != nil {
		return err
	}
	o := projection.DeployOptions{Options: projection.Options{MaxBatch: p.Batch, Lease: p.Lease, OnApplied: p.applied(ctx, out)}}
	err = projection.Deploy(ctx, store, publishing[Tx]{target, target, out}, model, &o)
	return errors.Join(err, store.Close())
}

// applied tells how far it is, and when it is time to be killed. Lanes that have come
// far beyond that wait for it, so that the build is not over before.
func (p *part) applied(ctx context.Context, out io.Writer) func(cairn.Position, int, time.Duration) {
	var due sync.Once
	return func(at cairn.Position, _ int, _ time.Duration) {
		fmt.Fprintln(out, "at", at)
		if p.Due > 0 && at >= p.Due {
			due.Do(func() { fmt.Fprintln(out, "due", p.Life) })
		}
		if p.Hold > 0 && at >= p.Hold {
			<-ctx.Done()
		}
	}
}
