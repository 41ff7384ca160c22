package wire

import (
	"context"
	"errors"
	"iter"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/bench/internal/system"
	"github.com/cairndb/cairn/client"
)

// A native reaches Cairn's server through Cairn's own client, one for all
// callers.
type native struct {
	*child
	system.Embedded
	store *client.Client
}

func openNative(command []string) opener {
	return func(ctx context.Context, o system.Options) (system.System, error) {
		return dialNative(ctx, command, o.Dir)
	}
}

func dialNative(ctx context.Context, command []string, dir string) (*native, error) {
	server, err := start(command, "cairn", dir)
	if err != nil {
		return nil, err
	}
	store, err := client.Dial(ctx, "cairn://"+server.address+"?tls=false", nil)
	if err != nil {
		return nil, errors.Join(err, server.stop())
	}
	return &native{child: server, Embedded: system.Embedded{Store: store}, store: store}, nil
}

func (n *native) Close() error { return errors.Join(n.store.Close(), n.stop()) }

// React implements [system.Reactor]: each member has a client of its own, as if it
// were another process.
func (n *native) React(ctx context.Context, w system.Reaction) (err error) {
	var clients []*client.Client
	defer func() {
		for _, c := range clients {
			err = errors.Join(err, c.Close())
		}
	}()
	for range w.Members {
		c, err := client.Dial(ctx, "cairn://"+n.address+"?tls=false", nil)
		if err != nil {
			return err
		}
		clients = append(clients, c)
	}
	return system.ReactOn(ctx, w, func(i int) cairn.Store { return clients[i] })
}

// Load fills a store through Cairn's own client, which is the fastest way in.
func (k *kurrent) Load(ctx context.Context, chunks iter.Seq[[]cairn.Write]) error {
	store, err := client.Dial(ctx, "cairn://"+k.address+"?tls=false", nil)
	if err != nil {
		return err
	}
	loading := system.Embedded{Store: store}
	return errors.Join(loading.Load(ctx, chunks), store.Close())
}
