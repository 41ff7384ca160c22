package cli

import (
	"cmp"
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

const about = `Cairn is an event store: streams of events in one log, in a directory.

A stream is the history of one thing, such as order-1, and $all is every stream
in the order in which its events were stored. Quote '$all' from the shell.

The store is ./cairn-data unless --store or the environment variable
CAIRN_STORE names another directory. One process at a time has it open.

The exit status is 0 on success, 1 on failure, 2 when the command line is wrong
and 130 when the command was interrupted. NO_COLOR turns colours off.`

// globals are the flags that every command has.
type globals struct {
	store string
	json  bool
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
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SuggestionsMinimumDistance: 2,
	}
	flags := root.PersistentFlags()
	flags.StringVar(&g.store, "store", cmp.Or(os.Getenv("CAIRN_STORE"), "cairn-data"), "`DIR` that holds the store (env CAIRN_STORE)")
	flags.BoolVar(&g.json, "json", false, "print JSON, one object a line")
	cobra.CheckErr(root.MarkPersistentFlagDirname("store"))
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usage(cmd, err) })
	root.AddGroup(
		&cobra.Group{ID: "events", Title: "Events:"},
		&cobra.Group{ID: "store", Title: "The store:"})
	for _, group := range []struct {
		id   string
		cmds []*cobra.Command
	}{
		{"events", []*cobra.Command{newAppend(c, g), newRead(c, g), newImport(c, g), newExport(c, g)}},
		{"store", []*cobra.Command{newStat(c, g), newVerify(c, g), newBench(c, g)}},
		{"", []*cobra.Command{newVersion(c, g)}},
	} {
		for _, cmd := range group.cmds {
			cmd.GroupID = group.id
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
