package filetarget

import (
	"time"

	"github.com/cairndb/cairn"
)

// A Format is what the files of tables are.
type Format string

// The formats.
const (
	Parquet Format = "parquet" // compressed with Zstandard
	NDJSON  Format = "ndjson"
)

// Options are what Open can be told. Nil, and the zero value, are fine.
type Options struct {
	// Format is that of files to come. Zero means Parquet. Files that are there
	// already stay what they are, and are not merged with those of the other.
	Format Format

	// Rows is how many rows of one table wait in the journal before it is
	// rotated, and how many a merged file has at most. Zero means 1,000,000.
	Rows int

	// Bytes is how large the rows in the journal become, as JSON, before it is
	// rotated. They are also kept in memory. Zero means 64 MiB.
	Bytes int

	// Age is how long a row waits in the journal. Zero means a minute.
	Age time.Duration

	// Keep is how long a file stays that readers may still be reading although it
	// was merged or its build discarded. Zero means ten minutes.
	Keep time.Duration
}

func (o *Options) orDefaults() (Options, error) {
	var d Options
	if o != nil {
		d = *o
	}
	for field, n := range map[string]int64{"Rows": int64(d.Rows), "Bytes": int64(d.Bytes), "Age": int64(d.Age), "Keep": int64(d.Keep)} {
		if n < 0 {
			return d, &cairn.InvalidError{Field: "Options." + field, Problem: "must not be negative"}
		}
	}
	d.Format = orElse(d.Format, Parquet)
	if d.Format != Parquet && d.Format != NDJSON {
		return d, &cairn.InvalidError{Field: "Options.Format", Problem: `must be "parquet" or "ndjson"`}
	}
	d.Rows, d.Bytes = orElse(d.Rows, 1_000_000), orElse(d.Bytes, 64<<20)
	d.Age, d.Keep = orElse(d.Age, time.Minute), orElse(d.Keep, 10*time.Minute)
	return d, nil
}

func orElse[T comparable](v, otherwise T) T {
	if v == *new(T) {
		return otherwise
	}
	return v
}
