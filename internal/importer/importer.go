package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/ndjson"
)

// A Store is what is imported into.
type Store interface {
	cairn.Committer
	cairn.LogReader
	cairn.Inspector
}

// Options are the settings of an import. The zero value stops at the first
// broken line.
type Options struct {
	// Invalid is told of a line that cannot be stored: its number, what it
	// holds (nil if that is too long to keep) and why. If it returns nil the
	// import goes on with the next line; an error stops it. A nil Invalid
	// stops at the first.
	Invalid func(*LineError) error

	// DryRun checks everything and stores nothing.
	DryRun bool

	// Admit is asked about each stream before a line of it is taken, and whether
	// the line closes the stream for good. Its error ends the import, as the
	// Err of a [*LineError].
	Admit func(stream string, closes bool) error

	// Memory is how many streams and events are remembered at most, in memory,
	// which takes two or three dozen bytes each; beyond, the import fails with
	// [ErrTooMany]. Zero remembers any number of them, in a temporary directory.
	Memory int

	// Progress is called after each batch.
	Progress func(Summary)
}

// A Summary says how far an import has come.
type Summary struct {
	Lines   int64 `json:"lines"`      // read; blank ones count
	Stored  int64 `json:"stored"`     // events that were new
	Known   int64 `json:"duplicates"` // events that were there already
	Invalid int64 `json:"invalid"`    // lines left out because they are broken
}

// A LineError says what is wrong with a line.
type LineError struct {
	Number int
	Text   []byte
	Err    error
}

// Error names the line and the reason.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Number, e.Err) }

// Unwrap returns the reason.
func (e *LineError) Unwrap() error { return e.Err }

// Import reads lines until in ends and appends what the store does not hold,
// in the order of the lines. Batches are small; each is atomic, the whole is
// not. The summary holds whatever the error.
//
// What is wrong with a line is a [*LineError]; the lines before it are stored
// by then and none after it. The end of ctx is its cause; other errors are
// those of in and of the store.
func Import(ctx context.Context, s Store, in io.Reader, o Options) (Summary, error) {
	return run(s, o, func(i *importer) error {
		i.lines = ndjson.NewReader(in)
		return i.run(ctx)
	})
}

// Events is Import for events from elsewhere: it reads until the sequence ends,
// counts events as lines, and ends with the error of the sequence when what came
// before it is stored. Where the events stood there is forgotten.
func Events(ctx context.Context, s Store, events iter.Seq2[cairn.Recorded, error], o Options) (Summary, error) {
	return run(s, o, func(i *importer) error { return i.drain(ctx, events) })
}

func run(s Store, o Options, fill func(*importer) error) (Summary, error) {
	shelf, err := o.open()
	if err != nil {
		return Summary{}, err
	}
	k := &known{shelf, s}
	i := &importer{store: s, known: k, o: o}
	err = errors.Join(fill(i), k.close())
	return i.sum, err
}

type importer struct {
	store Store
	known *known
	o     Options
	lines *ndjson.Reader
	batch batch
	sum   Summary
}

// run reads lines into batches. A broken line first sees those before it stored.
func (i *importer) run(ctx context.Context) error {
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		text, err := i.lines.Next()
		i.sum.Lines = int64(i.lines.Number())
		if err != nil && !errors.Is(err, ndjson.ErrTooLong) {
			return i.end(ctx, err)
		}
		l := line{number: i.lines.Number(), text: text, size: len(text)}
		if err == nil {
			l.Line, err = ndjson.Decode(text)
		}
		if err != nil {
			err = i.refuse(ctx, &LineError{l.number, l.text, err})
		} else {
			err = i.take(ctx, l)
		}
		if err != nil {
			return err
		}
	}
}

// drain reads events into batches.
func (i *importer) drain(ctx context.Context, events iter.Seq2[cairn.Recorded, error]) error {
	for e, err := range events {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			return errors.Join(err, i.flush(ctx))
		}
		i.sum.Lines++
		l := line{Line: ndjson.Line{Stream: e.Stream, Event: e.Event}, number: int(i.sum.Lines)}
		l.size = len(e.Stream) + len(e.Type) + len(e.Data) + len(e.Metadata)
		if err := i.take(ctx, l); err != nil {
			return err
		}
	}
	return i.flush(ctx)
}

// end stores what is left when the input has ended or failed.
func (i *importer) end(ctx context.Context, err error) error {
	flushed := i.flush(ctx)
	if errors.Is(err, io.EOF) {
		return flushed
	}
	return errors.Join(fmt.Errorf("after line %d: %w", i.lines.Number(), err), flushed)
}

// refuse leaves a line out, if the caller agrees.
func (i *importer) refuse(ctx context.Context, e *LineError) error {
	if err := i.flush(ctx); err != nil {
		return err
	}
	return i.leaveOut(e)
}

func (i *importer) leaveOut(e *LineError) error {
	if i.o.Invalid == nil {
		return e
	}
	if err := i.o.Invalid(e); err != nil {
		return err
	}
	i.sum.Invalid++
	return nil
}
