package cli

import (
	"context"
	"io"
)

// The exit statuses.
const (
	statusOK          = 0
	statusFailed      = 1
	statusUsage       = 2
	statusInterrupted = 130
)

// Run runs a command line, without the program's name, and returns its exit
// status. The end of ctx interrupts the command.
func Run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	c := newConsole(in, out, errs)
	root := newRoot(c)
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return statusOK
	}
	return c.fail(ctx, err)
}
