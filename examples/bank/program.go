package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
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
	in       io.Reader
	out, err io.Writer
	store    string // the directory
	server   string // if the store is behind one: its address
	read     string // the database of the read models
}

// errUsage is matched by errors of the command line.
var errUsage = errors.New("usage")

type usageError struct{ error }

func (e usageError) Is(target error) bool { return target == errUsage }
func (e usageError) Unwrap() error        { return e.error }

// run runs the command and returns its exit status.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	p := &program{in: in, out: out, err: errOut}
	root := p.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return ok
	case ctx.Err() != nil:
		fmt.Fprintln(errOut, "bank: interrupted")
		return interrupted
	}
	fmt.Fprintf(errOut, "bank: %v\n", err)
	if errors.Is(err, errUsage) {
		return misused
	}
	return failed
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "bank",
		Short:         "A bank whose accounts are event-sourced",
		Long:          "A bank whose accounts are event-sourced on Cairn. Accounts are named by name or number.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          unknownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().StringVar(&p.store, "store", cmp.Or(os.Getenv("BANK_STORE"), "./bank-data"), "directory of the store (env BANK_STORE)")
	cobra.CheckErr(root.MarkPersistentFlagDirname("store"))
	root.PersistentFlags().StringVar(&p.server, "server", os.Getenv("BANK_SERVER"), "address of the server that has the store, like cairn://127.0.0.1:2113?tls=false (env BANK_SERVER)")
	root.PersistentFlags().StringVar(&p.read, "read-models", os.Getenv("BANK_READ_MODELS"), "database of the read models, sqlite:FILE or postgres://...; if not given a SQLite file beside the store (env BANK_READ_MODELS)")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return misuse(cmd, err) })
	root.AddCommand(
		p.tour(), p.live(), p.host(), p.open(), p.deposit(), p.withdraw(), p.transfer(), p.close(),
		p.balance(), p.statement(), p.list(), p.project(), p.richest(), p.torture(), p.turn(), p.crash(),
	)
	return root
}

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

// openDisk opens the store in a directory, or makes one.
func openDisk(dir string) (cairn.Store, error) { return openWith(dir, nil) }

// openExisting opens the store in a directory, which must hold one.
func openExisting(dir string) (cairn.Store, error) {
	return openWith(dir, &disk.Options{MustExist: true})
}

func openWith(dir string, o *disk.Options) (cairn.Store, error) {
	store, err := disk.Open(dir, o)
	if err != nil {
		return nil, err // and not a store that is a nil pointer
	}
	return store, nil
}

// isTerminal reports whether w is one that may be written to with colours.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(f.Fd()))
}
