package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// Exit statuses.
const (
	ok          = 0
	failed      = 1
	misused     = 2
	interrupted = 130
)

// A program is one run of the command.
type program struct {
	out, err io.Writer
	settings
}

// errUsage is matched by errors of the command line.
var errUsage = errors.New("usage")

type usageError struct{ error }

func (e usageError) Is(target error) bool { return target == errUsage }
func (e usageError) Unwrap() error        { return e.error }

// run runs the command and returns its exit status.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	p := &program{out: out, err: errOut}
	root := p.root()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return ok
	case ctx.Err() != nil && errors.Is(err, context.Cause(ctx)):
		fmt.Fprintln(errOut, "eshop: interrupted")
		return interrupted
	}
	fmt.Fprintf(errOut, "eshop: %v\n", err)
	if errors.Is(err, errUsage) {
		return misused
	}
	return failed
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "eshop",
		Short:         "A shop of small services that know nothing of each other",
		Long:          about,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          unknownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	p.addTo(root.PersistentFlags())
	cobra.CheckErr(root.MarkPersistentFlagDirname("store"))
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return misuse(cmd, err) })
	root.AddCommand(p.newRun(), p.newService(), p.newCheck())
	return root
}

const about = `A shop of small services that know nothing of each other. They speak by integration
events; only the storefront asks others and waits.

By default all run in one process, over a store in a directory and SQLite, and the
log itself carries the events. The flags choose otherwise; the services are the same.`

func misuse(cmd *cobra.Command, err error) error {
	return usageError{fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())}
}

func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return misuse(cmd, fmt.Errorf("there is no command %q", args[0]))
}

// exactly wants one argument for each name.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != len(names) {
			return misuse(cmd, fmt.Errorf("it takes %d arguments (%v), and got %d", len(names), names, len(args)))
		}
		return nil
	}
}

// getenv is a variable of the environment, or what holds without.
func getenv(name, otherwise string) string {
	if v, ok := os.LookupEnv(name); ok {
		return v
	}
	return otherwise
}
