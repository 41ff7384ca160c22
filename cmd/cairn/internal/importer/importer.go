package importer

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/cmd/cairn/internal/ndjson"
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
	k, err := newKnown(s)
	if err != nil {
		return Summary{}, err
	}
	i := &importer{store: s, known: k, o: o, lines: ndjson.NewReader(in)}
	err = errors.Join(i.run(ctx), k.close())
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
		l := line{number: i.lines.Number(), text: text}
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
