package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

const appendAbout = `Append an event to a stream. The command returns when the event is durable.

Data and metadata are given as they are, as @FILE, or as - for standard input.
With the format json, which is the default, they must be valid JSON, which is
stored without space and line breaks.

--expect says where the stream must stand: at the revision last read, at
no-stream for a new one. If it stands elsewhere nothing is stored.

With --id or --key the command can be repeated after a failure: what was stored
is not stored twice, and the answer is the first one.

The store is made if the directory is empty or missing.`

const appendExamples = `  cairn append order-1 order.placed --data '{"total":12}' --expect no-stream
  cairn append order-1 order.paid --expect 0 --tag customer:ann
  cairn append photo-7 photo.taken --format binary --data @photo.jpg
  curl -s https://example.com/rate | cairn append rates rate.seen --data -`

// appendFlags are the flags of append, as they were given.
type appendFlags struct {
	data, metadata     body
	id, expect, format string
	key                string
	tags               []string
}

func newAppend(c *console, g *globals) *cobra.Command {
	var f appendFlags
	cmd := &cobra.Command{
		Use:     "append STREAM TYPE",
		Short:   "Append an event to a stream",
		Long:    appendAbout,
		Example: appendExamples,
		Args:    exactly("STREAM", "TYPE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			b, err := f.batch(cmd, c, args[0], args[1])
			if err != nil {
				return err
			}
			return withStore(cmd.Context(), g, disk.Options{}, func(s cairn.Store) error {
				return appendTo(cmd.Context(), c, g, s, b)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar((*string)(&f.data), "data", "", "the event's body: the text itself, @FILE or -")
	flags.StringVar((*string)(&f.metadata), "metadata", "", "what is known about it: the text itself, @FILE or -")
	flags.StringVar(&f.id, "id", "", "UUID of the event (default: a new one)")
	flags.StringArrayVar(&f.tags, "tag", nil, "label to find the event by; may be repeated")
	flags.StringVar(&f.expect, "expect", "any", "where the stream must stand: a revision, no-stream, any or stream-exists")
	flags.StringVar(&f.format, "format", "json", "what the data is: json, binary, protobuf or avro")
	flags.StringVar(&f.key, "key", "", "idempotency key of this append")
	complete(cmd, "expect", "any", "no-stream", "stream-exists")
	complete(cmd, "format", "json", "binary", "protobuf", "avro")
	return cmd
}

// complete offers words for a flag's value.
func complete(cmd *cobra.Command, flag string, words ...string) {
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)))
}

// batch is what the flags ask for, checked as far as it can be without a store.
func (f *appendFlags) batch(cmd *cobra.Command, c *console, stream, kind string) (cairn.Batch, error) {
	expected, err1 := parseExpected(f.expect)
	format, err2 := parseFormat(f.format)
	id, err3 := parseEventID(f.id)
	if err := errors.Join(err1, err2, err3); err != nil {
		return cairn.Batch{}, usage(cmd, err)
	}
	if f.data == "-" && f.metadata == "-" {
		return cairn.Batch{}, usage(cmd, errors.New("only one of --data and --metadata can be standard input"))
	}
	if id.IsZero() {
		id = cairn.NewID()
	}
	e := cairn.Event{ID: id, Type: kind, Format: format, Tags: f.tags}
	stdin := c.in
	if f.data == "-" || f.metadata == "-" {
		stdin = interruptible(cmd.Context(), c.in)
	}
	if err := f.bodies(stdin, &e); err != nil {
		return cairn.Batch{}, err
	}
	b := cairn.Batch{Key: f.key, Writes: []cairn.Write{{Stream: stream, Expected: expected, Events: []cairn.Event{e}}}}
	return b, b.Validate()
}

func (f *appendFlags) bodies(stdin io.Reader, e *cairn.Event) (err error) {
	if e.Data, err = f.data.read(stdin); err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	if e.Metadata, err = f.metadata.read(stdin); err != nil {
		return fmt.Errorf("--metadata: %w", err)
	}
	if e.Format != cairn.JSON {
		return nil
	}
	if e.Data, err = compact(e.Data); err != nil {
		return hinted(fmt.Errorf("--data is not valid JSON: %w", err), "give JSON, or say what it is with --format binary")
	}
	if e.Metadata, err = compact(e.Metadata); err != nil {
		return hinted(fmt.Errorf("--metadata is not valid JSON: %w", err), `give JSON, such as '{"by":"ann"}'`)
	}
	return nil
}

// compact takes the space and the line breaks out of JSON.
func compact(b []byte) ([]byte, error) {
	if len(b) == 0 {
		return nil, nil
	}
	var out bytes.Buffer
	err := json.Compact(&out, b)
	return out.Bytes(), err
}

// appended is the answer of append.
type appended struct {
	Stream    string         `json:"stream"`
	ID        cairn.ID       `json:"id"`
	Revision  cairn.Revision `json:"revision"`
	Position  cairn.Position `json:"position"`
	Duplicate bool           `json:"duplicate"`
}

func appendTo(ctx context.Context, c *console, g *globals, s cairn.Committer, b cairn.Batch) error {
	r, err := s.Commit(ctx, b)
	if err != nil {
		return err
	}
	w := b.Writes[0]
	a := appended{w.Stream, w.Events[0].ID, r.Revisions[0], r.Position, r.Duplicate}
	if g.json {
		return c.printJSON(a)
	}
	text := "stored"
	if a.Duplicate {
		text = "duplicate: stored before"
	}
	_, err = fmt.Fprintf(c.out, "%s as revision %v of %s, position %d\n", text, a.Revision, printable(a.Stream), a.Position)
	return err
}
