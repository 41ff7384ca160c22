package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/examples/eshop/shop"
	"github.com/cairndb/cairn/examples/eshop/shoppers"
)

// A running is what "eshop run" was asked for.
type running struct {
	listen, shop string
	shoppers     float64
	pause        time.Duration
	processes    bool
}

func (p *program) newRun() *cobra.Command {
	var r running
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run everything until interrupted",
		Long: `Run everything: the store and its server, with the window, all services, and the
shop; in this process, or with --processes each service in one of its own. The
first interrupt ends it in good order; what is under way is taken up by the next
start. A store stays with its broker and its databases: with others begin another.`,
		Example: "  eshop run --shoppers 1\n" +
			"  eshop run --processes --store ./apart-data\n" +
			"  eshop run --store ./full-data --broker rabbitmq --baskets redis://127.0.0.1:6379/0 \\\n" +
			"      --read-models 'postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable'",
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runAll(cmd.Context(), &r) },
	}
	cmd.Flags().StringVar(&r.listen, "listen", getenv("ESHOP_LISTEN", "127.0.0.1:2113"), "where the store's server listens, and the window is (env ESHOP_LISTEN)")
	cmd.Flags().StringVar(&r.shop, "shop", getenv("ESHOP_SHOP", "127.0.0.1:8080"), "where the shop is (env ESHOP_SHOP)")
	cmd.Flags().Float64Var(&r.shoppers, "shoppers", 0, "how many customers come in a second")
	cmd.Flags().DurationVar(&r.pause, "pause", 2*time.Second, "how long they think between two clicks, on average")
	cmd.Flags().BoolVar(&r.processes, "processes", false, "each service in a process of its own, which is started again when it ends")
	return cmd
}

func (p *program) runAll(ctx context.Context, r *running) (err error) {
	switch {
	case r.shoppers < 0:
		return usageError{errors.New("--shoppers must not be negative")}
	case r.processes && p.broker == "memory":
		return usageError{errors.New("--broker memory is that of one process, and no other hears it")}
	}
	found, err := p.find(ctx)
	if err != nil {
		return err
	}
	p.sayFound(found)
	g := &ground{}
	defer func() { err = errors.Join(err, g.close(context.WithoutCancel(ctx))) }()
	store, log, err := p.ownStore(ctx, g, r.listen)
	if err != nil {
		return err
	}
	if r.processes {
		g.Logger = log
		return p.runApart(ctx, g, r)
	}
	if err := p.open(ctx, g, store, log); err != nil {
		return err
	}
	return p.runHere(ctx, g, r)
}

// runHere runs all services in this process.
func (p *program) runHere(ctx context.Context, g *ground, r *running) error {
	g.Network = platform.NewNetwork(nil)
	g.later(func(context.Context) error { g.Network.Close(); return nil })
	l, err := listenOn(ctx, r.shop, "--shop (or ESHOP_SHOP)")
	if err != nil {
		return err
	}
	s, err := shop.New(ctx, g.Options)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	url := "http://" + l.Addr().String()
	fmt.Fprint(p.out, p.tour(g, url))
	return p.business(ctx, g, url, r, func(ctx context.Context) error {
		return platform.Together(ctx, s.Run, func(ctx context.Context) error {
			return platform.Serve(ctx, l, s.Service("storefront").Handler(), g.Logger)
		})
	})
}

// listenOn listens, or says with what one chooses another address.
func listenOn(ctx context.Context, address, flag string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%w; %s chooses another address", err, flag)
	}
	return l, nil
}

// ownStore is the store of this process, served; or that of a server elsewhere.
func (p *program) ownStore(ctx context.Context, g *ground, listen string) (cairn.Store, *slog.Logger, error) {
	if p.server == "" {
		return p.host(ctx, g, listen)
	}
	store, err := dial(ctx, p.server)
	if err != nil {
		return nil, nil, err
	}
	g.later(func(context.Context) error { return store.Close() })
	return store, p.logger(nil), nil
}

// business has the shop at url open until ctx ends. Customers leave first, while
// it is still open.
func (p *program) business(ctx context.Context, g *ground, url string, r *running, run func(context.Context) error) error {
	open, shut := context.WithCancelCause(context.WithoutCancel(ctx))
	defer shut(nil)
	ended := make(chan error, 1)
	go func() { ended <- run(open) }()
	guests, leave := context.WithCancel(ctx)
	defer leave()
	crowd := make(chan error, 1)
	go func() { crowd <- p.crowd(guests, g, url, r) }()
	var failure error
	select {
	case failure = <-ended:
		ended <- failure
	case <-ctx.Done():
	}
	leave()
	err := <-crowd
	shut(errShut)
	if failure = <-ended; errors.Is(failure, errShut) {
		failure = nil
	}
	return errors.Join(failure, err)
}

var errShut = errors.New("the shop is shut")

// crowd has customers come, and somebody who fills the shelves, until ctx ends.
func (p *program) crowd(ctx context.Context, g *ground, url string, r *running) error {
	if r.shoppers == 0 {
		<-ctx.Done()
		return nil
	}
	supplied := make(chan struct{})
	go func() {
		defer close(supplied)
		supply(ctx, g)
	}()
	report, err := shoppers.Run(ctx, shoppers.Options{
		URL: url, Rate: r.shoppers, Pause: r.pause, Seed: uint64(time.Now().UnixNano()), Logger: g.Logger,
	})
	<-supplied
	if err == nil {
		fmt.Fprintln(p.out, report)
	}
	return err
}
