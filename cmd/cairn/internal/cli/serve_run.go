package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"

	"github.com/cairndb/cairn/cmd/cairn/internal/config"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/telemetry"
	"github.com/cairndb/cairn/server/ui"
)

// A serving is a server and all that it stands on, with how to take each part
// down again.
type serving struct {
	*config.Loaded
	console *console
	log     *slog.Logger
	logs    *ui.Logs // the latest of it

	listener    net.Listener
	instruments *telemetry.Instruments
	store       *disk.Store
	access      *access.Control
	server      *server.Server

	undo []func(context.Context) error // last first
}

// serve runs a server until ctx ends.
func serve(ctx context.Context, c *console, l *config.Loaded) (err error) {
	s := &serving{Loaded: l, console: c}
	defer func() { err = errors.Join(err, s.takeDown(context.WithoutCancel(ctx))) }()
	for _, step := range []func(context.Context) error{s.logging, s.collecting, s.binding, s.measuring, s.opening, s.admitting, s.profiling} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return s.listening(ctx)
}

// later remembers how to take down a part.
func (s *serving) later(undo func(context.Context) error) { s.undo = append(s.undo, undo) }

// takeDown takes down all parts, within the time that a shutdown may take.
func (s *serving) takeDown(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.ShutdownTimeout, errPatience)
	defer cancel()
	var errs []error
	for i := len(s.undo) - 1; i >= 0; i-- {
		errs = append(errs, s.undo[i](ctx))
	}
	return errors.Join(errs...)
}

// errPatience is the cause of a shutdown that cuts calls off.
var errPatience = errors.New("calls were still under way when the time for it was over, and were cut off")

func (s *serving) logging(context.Context) (err error) {
	s.logs = &ui.Logs{}
	s.log, err = telemetry.NewLogger(io.MultiWriter(s.console.err, s.logs), s.LogFormat, s.LogLevel)
	if err != nil {
		return err
	}
	if len(s.Ignored) > 0 {
		s.log.Info("these settings of KurrentDB mean nothing here", "ignored", s.Ignored)
	}
	if len(s.Unknown) > 0 {
		s.log.Warn("nobody knows these settings", "unknown", s.Unknown)
	}
	return nil
}

// measuring makes the instruments.
func (s *serving) measuring(ctx context.Context) error {
	o := telemetry.Options{Version: thisRelease().Version, Logger: s.log}
	if s.OTLPEndpoint != "" || telemetry.TracingAsked() {
		if err := s.tracing(ctx, &o); err != nil {
			return err
		}
	}
	s.instruments = telemetry.New(o)
	return nil
}

// tracing begins to send traces: where the settings say, or else the variables of
// OpenTelemetry.
func (s *serving) tracing(ctx context.Context, o *telemetry.Options) error {
	t := telemetry.TracingOptions{Version: o.Version}
	if s.OTLPEndpoint != "" {
		var err error
		if t.Endpoint, t.Insecure, err = collector(s.OTLPEndpoint); err != nil {
			return badConfig(&config.ValueError{Setting: "otlp-endpoint", Origin: s.Origin("otlp-endpoint"), Err: err})
		}
	}
	provider, stop, err := telemetry.StartTracing(ctx, t)
	if err != nil {
		return err
	}
	o.Tracer = provider
	s.later(stop)
	return nil
}

// opening opens the store.
func (s *serving) opening(context.Context) (err error) {
	o := &disk.Options{CacheSize: int64(s.CacheSize), Logger: s.log, OnCommit: func(c disk.Commit) {
		s.instruments.Commit(c.Batches, c.Events, c.Bytes, c.Duration, c.Err)
	}}
	if s.Memory {
		s.store, err = disk.OpenMemory(o)
	} else {
		s.store, err = disk.Open(s.Store, o)
	}
	if err != nil {
		return err
	}
	s.later(func(context.Context) error {
		if err := s.store.Close(); err != nil {
			return fmt.Errorf("closing the store: %w", err)
		}
		return nil
	})
	return nil
}

// fewIterations is how often passwords are hashed that protect nothing.
const fewIterations = 1000

// admitting writes the first users, and asks callers who they are if the server
// is secure.
func (s *serving) admitting(ctx context.Context) error {
	first := access.BootstrapOptions{}
	var errs [2]error
	first.AdminPassword, errs[0] = s.Admin.Read()
	first.OpsPassword, errs[1] = s.Ops.Read()
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	if s.Memory && !s.Secure() {
		first.Iterations = fewIterations
	}
	if err := access.Bootstrap(ctx, s.store, first); err != nil {
		return err
	}
	if !s.Secure() {
		s.access = access.Open()
		return nil
	}
	var err error
	s.access, err = access.New(ctx, s.store, access.Options{AllowAnonymousStreamAccess: s.Anonymous, Logger: s.log})
	if err == nil {
		s.later(func(context.Context) error { return s.access.Close() })
	}
	return err
}

// profiling serves profiles to this machine, if anybody wants them.
func (s *serving) profiling(ctx context.Context) error {
	if s.Pprof == "" {
		return nil
	}
	l, err := telemetry.ListenLoopback(ctx, s.Pprof)
	if err != nil {
		return err
	}
	profiles := &http.Server{Handler: telemetry.Profiles(), ReadHeaderTimeout: s.HeaderTimeout}
	done := make(chan error, 1)
	go func() { done <- profiles.Serve(l) }()
	s.log.Info("serving profiles", "at", "http://"+l.Addr().String()+"/debug/pprof/")
	s.later(func(context.Context) error {
		err := profiles.Close()
		<-done
		return err
	})
	return nil
}

// binding takes the address, before anything is done that would be in vain
// without it.
func (s *serving) binding(ctx context.Context) (err error) {
	s.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", s.Listen)
	if err != nil {
		return hinted(fmt.Errorf("listen, from %s: %w", s.Origin("listen"), err), "another address is chosen with --listen")
	}
	s.later(func(context.Context) error { s.listener.Close(); return nil }) // the server has closed it, if it came to that
	if !s.Secure() && !s.Insecure {
		return exposed(server.Guard(s.listener.Addr()))
	}
	return nil
}

// listening serves until ctx ends.
func (s *serving) listening(ctx context.Context) error {
	if err := s.newServer(); err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- s.server.Serve(s.listener) }()
	s.later(func(context.Context) error { return <-served })
	s.later(s.server.Shutdown)
	if err := s.announce(s.listener.Addr()); err != nil {
		return err
	}
	select {
	case err := <-served:
		served <- nil
		return err
	case <-ctx.Done():
		s.log.Info("stopping: calls under way are answered first")
		notify("STOPPING=1")
		return nil
	}
}
