package cli

import (
	"cmp"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	cairnclient "github.com/cairndb/cairn/client"
)

const about = `Cairn is an event store: streams of events in one log, in a directory.

A stream is the history of one thing, such as order-1, and $all is every stream
in the order in which its events were stored. Quote '$all' from the shell.

The store is ./cairn-data unless --store or the environment variable
CAIRN_STORE names another directory. One process at a time has it open. If that
is a server (cairn serve), name it with --server or CAIRN_SERVER, as in
cairn://admin:secret@db.example.com:2113, or cairn://localhost:2113?tls=false.

The exit status is 0 on success, 1 on failure, 2 when the command line is wrong
and 130 when the command was interrupted. NO_COLOR turns colours off.`

// globals are the flags that every command has.
type globals struct {
	store  string
	server string // the URL of the server that has the store; empty if this process does
	json   bool
}

// choose finds out where the store is. What the command line says comes before
// the environment.
func (g *globals) choose(cmd *cobra.Command) error {
	if err := exclusive(cmd, "store", "server"); err != nil {
		return err
	}
	if !cmd.Flags().Changed("store") && !cmd.Flags().Changed("server") {
		g.server = os.Getenv("CAIRN_SERVER")
	}
	if g.server == "" {
		return nil
	}
	if _, err := cairnclient.ParseURL(g.server); err != nil {
		return usage(cmd, err)
	}
	return nil
}

// here refuses a server, for a reason.
func (g *globals) here(cmd *cobra.Command, why string) error {
	if g.server == "" {
		return nil
	}
	return usage(cmd, fmt.Errorf("%s takes no server: %s", cmd.Name(), why))
}

func newRoot(c *console) *cobra.Command {
	g := &globals{}
	root := &cobra.Command{
		Use:                        "cairn",
		Short:                      "An event store in a directory",
		Long:                       about,
		SilenceErrors:              true,
		SilenceUsage:               true,
		Args:                       unknownCommand,
		PersistentPreRunE:          func(cmd *cobra.Command, _ []string) error { return g.choose(cmd) },
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SuggestionsMinimumDistance: 2,
	}
	flags := root.PersistentFlags()
	flags.StringVar(&g.store, "store", cmp.Or(os.Getenv("CAIRN_STORE"), "cairn-data"), "`DIR` that holds the store (env CAIRN_STORE)")
	flags.StringVar(&g.server, "server", "", "`URL` of the server that has the store (env CAIRN_SERVER)")
	flags.BoolVar(&g.json, "json", false, "print JSON, one object a line")
	cobra.CheckErr(root.MarkPersistentFlagDirname("store"))
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usage(cmd, err) })
	root.AddGroup(
		&cobra.Group{ID: "events", Title: "Events:"},
		&cobra.Group{ID: "store", Title: "The store:"})
	for _, part := range []struct {
		id   string
		cmds []*cobra.Command
	}{
		{"events", []*cobra.Command{newAppend(c, g), newRead(c, g), newImport(c, g), newExport(c, g), newGroup(c, g), newSaga(c, g), newTimer(c, g), newProject(c, g), newProjection(c, g)}},
		{"store", []*cobra.Command{newServe(c, g), newHealth(c, g), newStat(c, g), newVerify(c, g), newBench(c, g)}},
		{"", []*cobra.Command{newVersion(c, g)}},
	} {
		for _, cmd := range part.cmds {
			cmd.GroupID = part.id
			root.AddCommand(cmd)
		}
	}
	return root
}

// unknownCommand refuses what follows the program's name and is no command.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := fmt.Errorf("there is no command %q", args[0])
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		err = fmt.Errorf("%w; did you mean %q?", err, near[0])
	}
	return usage(cmd, err)
}

// exactly wants one argument for each name.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usage(cmd, fmt.Errorf("%s is missing", names[len(args)]))
		case len(args) > len(names):
			return usage(cmd, fmt.Errorf("unexpected argument %q", args[len(names)]))
		}
		return nil
	}
}

// exclusive refuses two flags together.
func exclusive(cmd *cobra.Command, a, b string) error {
	if cmd.Flags().Changed(a) && cmd.Flags().Changed(b) {
		return usage(cmd, fmt.Errorf("--%s and --%s exclude each other", a, b))
	}
	return nil
}
