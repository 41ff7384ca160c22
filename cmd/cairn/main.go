// Command cairn looks after an event store from a shell: it appends and reads
// events, imports and exports histories, and says how a store is.
//
//	cairn append order-1 order.placed --data '{"total":12}'
//	cairn read order-1
//	cairn import history.ndjson.gz
//	cairn read '$all' --type order.placed --limit 10
//	cairn verify
//
// The exit status is 0 on success, 1 on failure, 2 when the command line is
// wrong and 130 when the command was interrupted.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/cairndb/cairn/cmd/cairn/internal/cli"
)

func main() { os.Exit(run()) }

// run lets the first signal end the command in good order. A second one kills.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	return cli.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}
