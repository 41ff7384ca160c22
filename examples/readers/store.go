package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server"
)

// keep is the store and its server.
func keep(ctx context.Context, p part, out io.Writer) (err error) {
	store, err := disk.Open(storeDir(p.Dir), nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	s, err := server.New(store, nil)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", p.Store)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	fmt.Fprintln(out, "listening", l.Addr())
	<-ctx.Done()
	return errors.Join(s.Shutdown(context.WithoutCancel(ctx)), <-served) // it ends in good order
}

// commit stores batches, all of them.
func commit(ctx context.Context, store cairn.Committer, batches []cairn.Batch) (last cairn.Position, err error) {
	for _, o := range cairn.CommitEach(ctx, store, batches) {
		if o.Err != nil {
			return 0, o.Err
		}
		last = max(last, o.Position)
	}
	return last, nil
}
