package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/examples/bank/bank"
	"github.com/cairndb/cairn/server"
	"github.com/cairndb/cairn/server/telemetry"
	"github.com/cairndb/cairn/server/ui"
	"github.com/cairndb/cairn/server/ui/diskui"
)

// host is the process that "bank live" starts, and kills: a server of the store.
func (p *program) host() *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:    "host",
		Short:  "Serve the store until standard input ends",
		Hidden: true,
		Args:   exactly(),
		RunE:   func(cmd *cobra.Command, _ []string) error { return p.runHost(cmd.Context(), listen) },
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:2113", "where to listen")
	return cmd
}

func (p *program) runHost(_ context.Context, listen string) (err error) {
	logs := &ui.Logs{}
	log := slog.New(slog.NewTextHandler(io.MultiWriter(p.err, logs), &slog.HandlerOptions{Level: slog.LevelWarn}))
	in := telemetry.New(telemetry.Options{Version: "bank", Logger: log})
	store, err := disk.Open(p.store, &disk.Options{Logger: log, OnCommit: func(c disk.Commit) {
		in.Commit(c.Batches, c.Events, c.Bytes, c.Duration, c.Err)
	}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	s, err := server.New(store, &server.Options{
		Instruments: in, Logger: log,
		UI: diskui.Show(ui.Options{Version: "bank", Logs: logs, Gatherer: in.Registry()}, store),
	})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("%w; --listen chooses another address", err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	if _, err := fmt.Fprintln(p.out, announcement+l.Addr().String()); err != nil {
		return err
	}
	// An interrupt reaches this process too, but its parent says when to end.
	_, err = io.Copy(io.Discard, p.in)
	return errors.Join(err, s.Shutdown(context.Background()), <-served)
}

// announcement begins the line in which a host says where it listens.
const announcement = "listening on "

// A host is such a process, seen from its parent.
type host struct {
	store, address string
	err            io.Writer
	cmd            *exec.Cmd
	stdin          io.Closer
}

func startHost(store, listen string, err io.Writer) (*host, error) {
	h := &host{store: store, address: listen, err: err}
	return h, h.start()
}

func (h *host) start() error {
	h.cmd = again(context.Background(), "host", "--store", h.store, "--listen", h.address)
	h.cmd.Stderr = h.err
	stdin, err := h.cmd.StdinPipe()
	if err != nil {
		return err
	}
	h.stdin = stdin
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := h.cmd.Start(); err != nil {
		return err
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), announcement)
	if !ok {
		return errors.Join(errors.New("the server did not start"), h.cmd.Wait())
	}
	h.address = address
	return nil
}

// stop lets the server end in good order.
func (h *host) stop() error {
	_ = h.stdin.Close() // the process may be gone, which Wait tells
	return h.cmd.Wait()
}

// crash makes a transfer, kills the server as soon as that is acknowledged, and
// starts it again.
func (h *host) crash(ctx context.Context, t bank.Transfer) (r bank.Receipt, err error) {
	store, err := dial(h.cairn())
	if err != nil {
		return r, err
	}
	r, err = bank.New(store, nil).Transfer(ctx, t)
	if err = errors.Join(err, h.cmd.Process.Kill(), store.Close()); err != nil {
		return r, err
	}
	_ = h.cmd.Wait() // it says that the process was killed
	return r, h.start()
}

func (h *host) cairn() string   { return "cairn://" + h.address + "?tls=false" }
func (h *host) kurrent() string { return "kurrentdb://" + h.address + "?tls=false" }
func (h *host) http() string    { return "http://" + h.address }
