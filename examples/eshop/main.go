// Command eshop is a shop of small services that know nothing of each other.
//
//	eshop run                          everything in one process; ctrl-C ends it
//	eshop run --shoppers 3             with three customers a second
//	eshop service order --listen :8091 one service, in a process of its own
//	eshop check                        audits money and stock from the log
//
// The exit status is 0 on success, 1 on failure, 2 when the command line is
// wrong and 130 when the command was interrupted before it was through.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(start()) }

// start lets the first signal end the command in good order. A second one kills.
func start() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	return run(ctx, os.Args[1:], os.Stdout, os.Stderr)
}
