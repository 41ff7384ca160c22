// Command bank is a bank whose accounts are event-sourced on Cairn.
//
//	bank tour                        a story, with what is stored at each step
//	bank live                        the same story on a server, which then stays
//	bank open ann
//	bank deposit ann 250
//	bank transfer ann bob 75.50
//	bank statement ann
//	bank balance ann --as-of 2026-11-22T20:00:00Z
//	bank torture --duration 2m       kills it until it breaks, or not
//
// The exit status is 0 on success, 1 on failure, 2 when the command line is
// wrong and 130 when the command was interrupted.
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
	return run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}
