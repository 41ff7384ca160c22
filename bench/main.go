// Command cairn-bench does the same work on Cairn and its peers, in one run,
// and writes what it has measured as Markdown.
//
//	go run . run                                  everything but scale
//	go run . run -workloads append -systems cairn,raw,pebble
//	go run . scale                                1 and 10 million streams
//	go run . wire                                 servers, each in a process of its own
//	go run . react                                groups, relays and timers
//	go run . project                              read models in PostgreSQL and in memory
//	go run . report a.json b.json                 several runs as one page
//
// PostgreSQL is looked for at 127.0.0.1 as user postgres, or where the PG*
// variables say; if it is not there it is left out, unless
// CAIRN_REQUIRE_SERVICES is set.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "cairn-bench:", err)
		os.Exit(1)
	}
}

// run does what the command line says.
func run(ctx context.Context, args []string, out, log io.Writer) error {
	commands := map[string]func(context.Context, []string, io.Writer, io.Writer) error{
		"run": runWorkloads, "scale": runScale, "scale-step": runScaleStep,
		"wire": runWire, "react": runReact, "project": runProject, "wire-server": runWireServer, "report": runReport,
	}
	name := "run"
	if len(args) > 0 && commands[args[0]] != nil {
		name, args = args[0], args[1:]
	}
	return commands[name](ctx, args, out, log)
}
