package main

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/pgxtarget"
	"github.com/cairndb/cairn/projection/sqltarget"
)

// undisturbed is version 2 under another name.
var undisturbed = model{name: "scratch", table: "scratch", version: 2}

func (d *release) scratch(ctx context.Context) error {
	if d.space.Kind == "sqlite" {
		db, err := d.space.open()
		if err != nil {
			return err
		}
		return errors.Join(runToEnd(ctx, d.crew, sqltarget.SQLite(db), undisturbed.sqlite()), db.Close())
	}
	pool, err := pgxpool.New(ctx, d.space.Source)
	if err != nil {
		return err
	}
	defer pool.Close()
	return runToEnd(ctx, d.crew, pgxtarget.New(pool), undisturbed.pgx())
}

// runToEnd builds a projection here, up to where the log ends.
func runToEnd[Tx any](ctx context.Context, c *crew, target projection.Target[Tx], p projection.Projection[Tx]) error {
	info, err := c.store.Info(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := make(chan error, 1)
	enough := errors.New("enough")
	go func() {
		err := projection.Run(ctx, c.store, target, p, &projection.Options{Report: -1})
		cancel(err)
		ended <- err
	}()
	err = projection.Wait(ctx, c.store, target, p.Name, info.Head)
	cancel(enough)
	if ran := <-ended; !errors.Is(ran, enough) {
		return errors.Join(ran, err)
	}
	return err
}
