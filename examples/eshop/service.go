package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/examples/eshop/shop"
)

func (p *program) newService() *cobra.Command {
	var w workplace
	cmd := &cobra.Command{
		Use:   "service NAME",
		Short: "Run one service in this process until interrupted",
		Long: `Run one service in this process until interrupted: storefront, catalogue, basket,
reviews, order, process, payment, inventory or notification.

With --server it keeps its events in a store that others use too. With --store it
has one of its own, and then the broker must be one that processes share: nats,
rabbitmq or kafka.`,
		Example: "  eshop service order --listen 127.0.0.1:8091 --server 'cairn://127.0.0.1:2113?tls=false' --broker nats\n" +
			"  eshop service storefront --listen 127.0.0.1:8080 --at order=127.0.0.1:8091,basket=127.0.0.1:8092,...",
		Args: exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(shop.Names, args[0]) {
				return misuse(cmd, fmt.Errorf("there is no service %q; there are %v", args[0], shop.Names))
			}
			return p.runService(untilLetGo(cmd, w.child), args[0], &w)
		},
	}
	cmd.Flags().StringVar(&w.listen, "listen", "127.0.0.1:0", "where it answers requests")
	cmd.Flags().StringToStringVar(&w.at, "at", nil, "where the services are that it asks, as `NAME=HOST:PORT`; only the storefront asks")
	cmd.Flags().StringVar(&w.window, "window", "", "where the window on the store is, like http://127.0.0.1:2113/ui; only the storefront links to it")
	cmd.Flags().BoolVar(&w.child, "child", false, "end when standard input does, too")
	cobra.CheckErr(cmd.Flags().MarkHidden("child"))
	return cmd
}

// A workplace is where a service works.
type workplace struct {
	listen string
	at     map[string]string // the others
	window string
	child  bool // of a process that says by standard input when it is to end
}

// untilLetGo is the context of a command, which for a child ends with its standard
// input, too. Who reads that has to go on until there is no process any more.
func untilLetGo(cmd *cobra.Command, child bool) context.Context {
	if !child {
		return cmd.Context()
	}
	ctx, end := context.WithCancelCause(cmd.Context())
	go func() {
		_, err := io.Copy(io.Discard, cmd.InOrStdin())
		end(errors.Join(errLetGo, err))
	}()
	return ctx
}

var errLetGo = errors.New("standard input has ended")

func (p *program) runService(ctx context.Context, name string, w *workplace) (err error) {
	if _, err := p.find(ctx); err != nil {
		return err
	}
	g := &ground{}
	defer func() { err = errors.Join(err, g.close(context.WithoutCancel(ctx))) }()
	store, err := p.theirStore(ctx, g)
	if err != nil {
		return err
	}
	if err := p.open(ctx, g, store, p.logger(nil)); err != nil {
		return err
	}
	g.Window = w.window
	g.Network = platform.NewNetwork(w.at)
	g.later(func(context.Context) error { g.Network.Close(); return nil })
	l, err := listenOn(ctx, w.listen, "--listen")
	if err != nil {
		return err
	}
	s, err := shop.New(ctx, g.Options, name)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	fmt.Fprintf(p.out, "%s listens on %s (process %d)\n", name, l.Addr(), os.Getpid())
	err = platform.Together(ctx, s.Run, func(ctx context.Context) error {
		return platform.Serve(ctx, l, s.Service(name).Handler(), g.Logger)
	})
	if ctx.Err() != nil {
		return nil // it was told to end
	}
	return err
}

// theirStore is the store of a service: of its own, or a server's.
func (p *program) theirStore(ctx context.Context, g *ground) (store cairn.Store, err error) {
	if p.server != "" {
		store, err = dial(ctx, p.server)
	} else if p.broker == "log" || p.broker == "memory" {
		return nil, usageError{fmt.Errorf("a service of its own process with a store of its own is reached by no one through --broker %s: it needs --server, or another broker", p.broker)}
	} else {
		p.space = cmp.Or(p.space, "cairn") // which no store can tell: each service has another
		store, err = own(p.openStore(nil))
	}
	if err != nil {
		return nil, err
	}
	g.later(func(context.Context) error { return store.Close() })
	return store, nil
}

// own is a store that is nil if it is none.
func own(s *disk.Store, err error) (cairn.Store, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}
