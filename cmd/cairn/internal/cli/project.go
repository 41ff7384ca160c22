package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/cmd/cairn/internal/readmodel"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/declared"
)

const projectAbout = `Keep a read model up to date that a YAML file declares, until interrupted.

The file maps types of events to rows of SQL tables. Rows and checkpoint are written
in one transaction: whatever ends the command, it goes on from there and applies each
event once. If the file has a higher version than what readers see, its tables are
built beside theirs, and readers are switched when it is level.

A store of this machine must be free, as it is opened; name the server of one that is
in use with --server, and what is appended there is applied at once.`

const projectExamples = `  cairn project -f orders.yaml --target sqlite:orders.db --once
  cairn project -f orders.yaml --target postgres://app@db/shop --server cairn://localhost:2113?tls=false
  cairn project -f orders.yaml --check`

// projectFlags are the flags of project, and of projection deploy.
type projectFlags struct {
	targetFlags
	file        string
	once, check bool
	manual      bool
	grace       time.Duration
}

func newProject(c *console, g *globals) *cobra.Command {
	f := &projectFlags{}
	cmd := &cobra.Command{
		Use:     "project -f FILE",
		Short:   "Keep a read model up to date that a file declares",
		Long:    projectAbout,
		Example: projectExamples,
		Args:    exactly(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd, c, g) },
	}
	f.targetFlags.add(cmd)
	f.add(cmd)
	cmd.Flags().BoolVar(&f.once, "once", false, "end when readers see it and it is level")
	cmd.Flags().BoolVar(&f.check, "check", false, "read the file, say what is wrong with it, and end")
	return cmd
}

func newProjectionDeploy(c *console, g *globals, t *targetFlags) *cobra.Command {
	f := &projectFlags{once: true}
	cmd := &cobra.Command{
		Use:     "deploy -f FILE",
		Short:   "Build a version that a file declares, and switch readers to it",
		Long:    "Build the version of a read model that a YAML file declares beside the one that\nreaders see, and switch them when it is level. It is what cairn project --once does.\nThe programs that run the old build go on; interrupted, it goes on where it was.",
		Example: "  cairn projection deploy -f orders.yaml --target sqlite:orders.db",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.targetFlags = *t
			return f.run(cmd, c, g)
		},
	}
	f.add(cmd)
	return cmd
}

func (f *projectFlags) add(cmd *cobra.Command) {
	f.addFile(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.manual, "manual", false, "leave the switch to cairn projection switch")
	flags.DurationVar(&f.grace, "grace", time.Hour, "how long to keep the build before; below zero for ever")
}

func (f *projectFlags) addFile(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.file, "file", "f", "", "`FILE` that declares the projection")
	cobra.CheckErr(cmd.MarkFlagFilename("file", "yaml", "yml"))
}

func (f *projectFlags) run(cmd *cobra.Command, c *console, g *globals) error {
	d, err := f.definition(cmd)
	if err != nil {
		return err
	}
	if f.check {
		return f.sayChecked(c, g, d)
	}
	return f.open(cmd, func(db *readmodel.Database) error {
		return withStore(cmd.Context(), g, writing(), func(s cairn.Store) error { return f.deploy(cmd.Context(), c, g, s, db, d) })
	})
}

// definition reads the file.
func (f *projectFlags) definition(cmd *cobra.Command) (*declared.Definition, error) {
	if f.file == "" {
		return nil, usage(cmd, errors.New("--file is missing"))
	}
	data, err := os.ReadFile(f.file)
	if err != nil {
		return nil, err
	}
	return declared.Parse(f.file, data)
}

// checked is the answer of --check.
type checked struct {
	Projection string   `json:"projection"`
	Version    int      `json:"version"`
	Tables     []string `json:"tables"`
	Events     []string `json:"events"`
}

func (f *projectFlags) sayChecked(c *console, g *globals, d *declared.Definition) error {
	var tables []string
	for _, t := range d.Tables {
		tables = append(tables, t.Name)
	}
	return c.say(g, checked{d.Name, d.Version, tables, d.Types()}, "%s is right: version %d of %s, %s, %s", f.file, d.Version, d.Name,
		counted(len(tables), "table", "tables"), counted(len(d.Types()), "type of event", "types of events"))
}

// deploy runs the projection and shows how far it is.
func (f *projectFlags) deploy(ctx context.Context, c *console, g *globals, s cairn.Store, db *readmodel.Database, d *declared.Definition) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	failed := make(chan error, 1)
	go func() {
		defer close(failed)
		o := &projection.DeployOptions{Manual: f.manual, Grace: f.grace}
		failed <- projection.Deploy(ctx, s, db, d.Projection(db.Dialect), o)
	}()
	w := &watch{c: c, g: g, name: d.Name, version: d.Version, once: f.once, manual: f.manual}
	watched := w.follow(ctx, s, db, failed)
	stop(errLevel)
	end := <-failed // of the projection, which must not outlive the store
	if errors.Is(watched, errLevel) {
		return ended(end)
	}
	return watched
}

// errLevel ends a command that was to go on until the read model is level.
var errLevel = errors.New("the read model is level")

func ended(err error) error {
	if errors.Is(err, errLevel) || errors.Is(err, context.Canceled) {
		return nil
	}
	return fmt.Errorf("the projection has ended: %w", err)
}
