package kurrentdb

import "fmt"

// Options are the settings of a copy. The zero value is right for most.
type Options struct {
	// System copies the streams of the system too: those whose names begin
	// with "$".
	System bool

	// DryRun reads and checks what there is to copy, and copies and compares
	// nothing.
	DryRun bool

	// Progress is told now and then how many events were read from the source,
	// and how many from the target when the two are compared.
	Progress func(read int64, comparing bool)
}

func (o *Options) progress(read int64, comparing bool) {
	if o.Progress != nil {
		o.Progress(read, comparing)
	}
}

// A Report says what a copy did.
type Report struct {
	Stored int64 `json:"stored"`     // events that were new
	Known  int64 `json:"duplicates"` // events that were there already

	Streams int64 `json:"streams"`       // of the source, with events or metadata
	Events  int64 `json:"events"`        // in them; metadata is not counted
	Sum     Sum   `json:"sum"`           // of them in the source
	There   int64 `json:"target_events"` // the same in the target
	SumOf   Sum   `json:"target_sum"`

	// Moved is how many streams begin behind revision 0 in the source, and at
	// 0 in the target.
	Moved int64 `json:"moved_streams"`
	// Untagged is how many events lost their tags.
	Untagged int64 `json:"untagged"`

	// Compared is false if the target was not read: in a dry run, or because the
	// copy failed.
	Compared bool         `json:"compared"`
	Differ   []Difference `json:"differ"` // streams that are not the same
}

// A Sum is one over all events of a side, the same on both and in every run if
// the streams are.
type Sum uint64

// String returns 16 digits.
func (s Sum) String() string { return fmt.Sprintf("%016x", uint64(s)) }

// MarshalText implements [encoding.TextMarshaler].
func (s Sum) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func (r *Report) source(l *ledger) {
	r.Streams, r.Events, r.Sum = int64(len(l.streams)), l.events, Sum(l.sum())
	for _, a := range l.streams {
		if a.events > 0 && a.first > 0 {
			r.Moved++
		}
	}
}

func (r *Report) compare(source, target *ledger) {
	target.only(source)
	r.There, r.SumOf, r.Compared = target.events, Sum(target.sum()), true
	r.Differ = compare(source, target)
}
