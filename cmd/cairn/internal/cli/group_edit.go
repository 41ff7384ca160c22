package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
)

const groupEditAbout = `Put another event in the place of a parked one. What is not given stays as it
is; the stream, the revision and the position do so always, and so does the log.
Editing does not replay.`

type editFlags struct {
	appendFlags
	key, kind string
	position  uint64
}

func newGroupEdit(c *console, g *globals) *cobra.Command {
	var f editFlags
	cmd := &cobra.Command{
		Use:     "edit NAME",
		Short:   "Put another event in the place of a parked one",
		Long:    groupEditAbout,
		Example: `  cairn group edit mailer --key order-2 --position 17 --data '{"to":"ann@example.com"}'`,
		Args:    exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd); err != nil {
				return err
			}
			return withStore(cmd.Context(), g, writing(), func(s cairn.Store) error {
				return f.run(cmd, c, g, s, args[0])
			})
		},
	}
	addKey(cmd, &f.key, "the key it is parked under")
	flags := cmd.Flags()
	flags.Uint64Var(&f.position, "position", 0, "the position of the event")
	flags.StringVar(&f.kind, "type", "", "another type")
	flags.StringVar((*string)(&f.data), "data", "", "another body: the text itself, @FILE or -")
	flags.StringVar((*string)(&f.metadata), "metadata", "", "other metadata: the text itself, @FILE or -")
	flags.StringVar(&f.format, "format", "json", "what the data is: json, binary, protobuf or avro")
	flags.StringArrayVar(&f.tags, "tag", nil, "other labels; may be repeated")
	complete(cmd, "format", "json", "binary", "protobuf", "avro")
	return cmd
}

func (f *editFlags) check(cmd *cobra.Command) error {
	if err := needsKey(cmd); err != nil {
		return err
	}
	if f.position == 0 {
		return usage(cmd, errors.New("--position is missing"))
	}
	if _, err := parseFormat(f.format); err != nil {
		return usage(cmd, err)
	}
	if f.data == "-" && f.metadata == "-" {
		return usage(cmd, errors.New("only one of --data and --metadata can be standard input"))
	}
	for _, name := range []string{"type", "data", "metadata", "format", "tag"} {
		if cmd.Flags().Changed(name) {
			return nil
		}
	}
	return usage(cmd, errors.New("nothing is to be changed: give --type, --data, --metadata, --format or --tag"))
}

func (f *editFlags) run(cmd *cobra.Command, c *console, g *globals, s cairn.Store, name string) error {
	ctx := cmd.Context()
	e, err := parkedAt(ctx, s, name, f.key, cairn.Position(f.position))
	if err != nil {
		return err
	}
	if err := f.change(cmd, c, &e); err != nil {
		return err
	}
	if err := group.Edit(ctx, s, name, f.key, e.Position, e.Event); err != nil {
		return err
	}
	return c.say(g, done{name, f.key, e.Position, 1}, "edited the event at position %s of key %s; have it handled with: cairn group replay %s --key %s",
		count(e.Position), printable(f.key), quote(name), quote(f.key))
}

// change puts what was given in the place of what there is.
func (f *editFlags) change(cmd *cobra.Command, c *console, e *cairn.Recorded) error {
	given := func(name string) bool { return cmd.Flags().Changed(name) }
	with := cairn.Event{Format: e.Format}
	if given("format") {
		with.Format, _ = parseFormat(f.format) // checked before
	}
	if err := f.bodies(interruptible(cmd.Context(), c.in), &with); err != nil {
		return err
	}
	e.Format = with.Format
	if given("data") {
		e.Data = with.Data
	}
	if given("metadata") {
		e.Metadata = with.Metadata
	}
	if given("type") {
		e.Type = f.kind
	}
	if given("tag") {
		e.Tags = f.tags
	}
	return nil
}

// parkedAt is a parked event.
func parkedAt(ctx context.Context, s cairn.Store, name, key string, at cairn.Position) (cairn.Recorded, error) {
	for e, err := range group.ParkedEvents(ctx, s, name, key) {
		if err != nil || e.Position == at {
			return e, err
		}
	}
	return cairn.Recorded{}, fmt.Errorf("%w: in group %q the event at position %d is not parked under key %q", group.ErrUnknown, name, at, key)
}
