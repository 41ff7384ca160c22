package shop

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/timer"
)

// Run runs the services, reachable under their names on the network, until ctx
// ends, whose cause it returns, or one of them fails. Nothing of them runs then.
func (s *Shop) Run(ctx context.Context) error {
	var parts []func(context.Context) error
	for _, name := range s.names {
		service := s.services[name]
		parts = append(parts, named(name, service.Run), func(ctx context.Context) error {
			return platform.Serve(ctx, s.listeners[name], service.Handler(), s.o.Logger)
		})
	}
	if slices.ContainsFunc(s.names, waits) {
		parts = append(parts, named("timers", func(ctx context.Context) error {
			return timer.Run(ctx, s.o.Store, timer.Options{Clock: s.o.Clock, Logger: s.o.Logger})
		}))
	}
	err := platform.Together(ctx, parts...)
	return errors.Join(err, s.close(context.WithoutCancel(ctx)))
}

// waits says whether a service sets timers. Each process that has one runs the
// timers of its store; they fire once, however many do.
func waits(service string) bool { return service == "process" || service == "payment" }

// named says which part has failed; the end of ctx is no failure.
func named(name string, run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		err := run(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		return fmt.Errorf("%s: %w", name, err)
	}
}

func (s *Shop) close(ctx context.Context) (err error) {
	for _, l := range s.listeners {
		err = errors.Join(err, l.Close())
	}
	for _, p := range s.publishers {
		err = errors.Join(err, p.Close(ctx))
	}
	return err
}
