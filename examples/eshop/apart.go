package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"sync"

	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/examples/eshop/shop"
	"github.com/cairndb/cairn/examples/eshop/supervisor"
)

// A crew are services in processes of their own, over a store that this process
// serves, or that is served elsewhere.
type crew struct {
	lines  *supervisor.Lines
	common []string // what all are told

	mu sync.Mutex
	at map[string]string // where they answer, by name
}

// listening is what a service says when it can be asked.
var listening = regexp.MustCompile(`^\w+ listens on (\S+) \(process \d+\)$`)

// runApart runs each service in a process of its own.
func (p *program) runApart(ctx context.Context, g *ground, r *running) error {
	l, err := listenOn(ctx, r.shop, "--shop (or ESHOP_SHOP)")
	if err != nil {
		return err
	}
	where := l.Addr().String()
	if err := l.Close(); err != nil { // the storefront will listen there
		return err
	}
	c := &crew{lines: supervisor.NewLines(p.out), common: p.arguments(g), at: map[string]string{}}
	if err := c.startAll(ctx, g, where); err != nil {
		return err
	}
	g.Network = platform.NewNetwork(c.at)
	g.later(func(context.Context) error { g.Network.Close(); return nil })
	url := "http://" + where
	fmt.Fprint(p.out, p.tour(g, url), apartTour)
	return p.business(ctx, g, url, r, func(ctx context.Context) error {
		<-ctx.Done() // they are kept running by their supervisors
		return context.Cause(ctx)
	})
}

const apartTour = `Each service is a process, whose number stands above. Kill one with kill -9 in the
middle of an order: its work waits, and goes on when it is back, two seconds later.

`

// startAll starts those that are asked, side by side, and then the storefront, which
// asks them. They end the other way round.
func (c *crew) startAll(ctx context.Context, g *ground, where string) error {
	var all sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	var started []*supervisor.Process
	for _, name := range shop.Names {
		if name == "storefront" {
			continue
		}
		all.Go(func() {
			s, err := c.start(ctx, name, "127.0.0.1:0")
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, err)
				return
			}
			started = append(started, s)
		})
	}
	all.Wait()
	g.later(func(context.Context) error { return stopAll(started) })
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	front := []string{"--window", g.Window}
	for name, at := range c.at {
		front = append(front, "--at", name+"="+at)
	}
	s, err := c.start(ctx, "storefront", where, front...)
	if err != nil {
		return err
	}
	g.later(func(context.Context) error { return s.Stop() })
	return nil
}

func stopAll(all []*supervisor.Process) error {
	errs := make([]error, len(all))
	var stopped sync.WaitGroup
	for i, s := range all {
		stopped.Go(func() { errs[i] = s.Stop() })
	}
	stopped.Wait()
	return errors.Join(errs...)
}

// start starts a service; later it is started again where it was then.
func (c *crew) start(ctx context.Context, name, where string, more ...string) (*supervisor.Process, error) {
	s, err := supervisor.Start(ctx, supervisor.Options{Name: name, Lines: c.lines,
		Command: func(address string) *exec.Cmd {
			args := append([]string{"service", name, "--child", "--listen", cmp.Or(address, where)}, c.common...)
			return again(append(args, more...)...)
		},
		Ready: func(line string) (address string, ok bool) {
			m := listening.FindStringSubmatch(line)
			if m == nil {
				return "", false
			}
			return m[1], true
		},
	})
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at[name] = s.Address()
	return s, nil
}

// again is the command that runs this program in another process. If it cannot
// find itself, starting the command says so.
func again(args ...string) *exec.Cmd {
	self, err := os.Executable()
	cmd := exec.Command(self, args...)
	cmd.Args[0] = os.Args[0]
	cmd.Err = cmp.Or(err, cmd.Err)
	return cmd
}

// arguments are what every service of this shop is to be told.
func (p *program) arguments(g *ground) []string {
	args := []string{
		"--server", cmp.Or(p.server, g.server), "--read-models", p.tables(), "--baskets", p.baskets, "--reviews", p.reviews,
		"--broker", p.broker, "--broker-url", p.brokerURL, "--space", p.space,
		"--payment-timeout", p.timeout.String(), "--slow-payment", p.slow.String(),
	}
	if p.verbose {
		args = append(args, "--verbose")
	}
	return args
}
