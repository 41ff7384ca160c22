package main

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server"
	"github.com/cairndb/cairn/server/telemetry"
	"github.com/cairndb/cairn/server/ui"
	"github.com/cairndb/cairn/server/ui/diskui"
)

// logger logs to standard error what is wrong, and more if that is asked for. What
// is logged can be seen in the window, too.
func (p *program) logger(logs io.Writer) *slog.Logger {
	level := slog.LevelWarn
	if p.verbose {
		level = slog.LevelInfo
	}
	to := p.err
	if logs != nil {
		to = io.MultiWriter(p.err, logs)
	}
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: level}))
}

// host opens the store of this process and serves it to others: to clients, and to
// browsers as the window. It returns the store, measured.
func (p *program) host(ctx context.Context, g *ground, listen string) (store cairn.Store, log *slog.Logger, err error) {
	logs := &ui.Logs{}
	log = p.logger(logs)
	l, err := listenOn(ctx, listen, "--listen (or ESHOP_LISTEN)")
	if err != nil {
		return nil, nil, err
	}
	g.later(func(context.Context) error { l.Close(); return nil }) // the server has closed it, if it came to that
	in := telemetry.New(telemetry.Options{Version: "eshop", Logger: log})
	engine, err := p.openStore(&disk.Options{Logger: log, OnCommit: func(c disk.Commit) {
		in.Commit(c.Batches, c.Events, c.Bytes, c.Duration, c.Err)
	}})
	if err != nil {
		return nil, nil, err
	}
	g.later(func(context.Context) error { return engine.Close() })
	s, err := server.New(engine, &server.Options{Instruments: in, Logger: log, UI: diskui.Show(ui.Options{
		Version: "eshop", Logs: logs, Gatherer: in.Registry(),
		Settings: p.shown(),
	}, engine)})
	if err != nil {
		return nil, nil, err
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	g.later(func(ctx context.Context) error {
		err, end := s.Shutdown(ctx), <-served
		if errors.Is(end, server.ErrClosed) {
			end = nil // it was shut down before it had begun
		}
		return errors.Join(err, end)
	})
	g.Window = "http://" + l.Addr().String() + ui.Prefix
	g.server = "cairn://" + l.Addr().String() + "?tls=false"
	return in.Observe(engine), log, nil
}
