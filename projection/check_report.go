package projection

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/cairndb/cairn"
)

// An Outcome is how a shape of events fares with the code.
type Outcome string

// The outcomes.
const (
	Fine   Outcome = "fine"   // nothing has failed
	Breaks Outcome = "breaks" // the code cannot bear it
	// Unjudged means that it could not be tried: why is in the finding's Err.
	Unjudged Outcome = "unjudged"
)

// A Finding is about the events of one type, format and shape, for one subject.
type Finding struct {
	Subject string         `json:"subject"`
	Type    string         `json:"type"`
	Format  string         `json:"format"`
	Shape   string         `json:"shape"` // such as {cents:integer, to:string|null}
	Count   uint64         `json:"count"`
	First   cairn.Position `json:"first"`
	Last    cairn.Position `json:"last"`

	Outcome Outcome `json:"outcome"`
	// Failed is how many of the events could not be decoded. The example is the
	// first of them, or else the first of all.
	Failed  uint64         `json:"failed,omitempty"`
	Example cairn.Position `json:"example"`
	// Err is what the example has led to, if it is not fine.
	Err error `json:"-"`
}

// count adds an event.
func (f *Finding) count(e *cairn.Recorded, decode func(*cairn.Recorded) error) {
	if f.Count == 0 {
		f.First, f.Example = e.Position, e.Position
	}
	f.Count++
	f.Last = e.Position
	if decode == nil {
		return
	}
	if err := decode(e); err != nil {
		if f.Failed++; f.Failed == 1 {
			f.Outcome, f.Err, f.Example = Breaks, err, e.Position
		}
	}
}

// String says what was found, in one line.
func (f *Finding) String() string {
	s := fmt.Sprintf("%s: %s %s %s: %d events", f.Subject, f.Outcome, f.Type, f.Shape, f.Count)
	if f.Failed > 0 {
		s += fmt.Sprintf(", %d of which fail", f.Failed)
	}
	s += fmt.Sprintf(", from position %d to %d", f.First, f.Last)
	if f.Err != nil {
		s += fmt.Sprintf("; position %d: %v", f.Example, f.Err)
	}
	return s
}

// MarshalJSON writes the error's text.
func (f Finding) MarshalJSON() ([]byte, error) {
	type plain Finding
	text := ""
	if f.Err != nil {
		text = f.Err.Error()
	}
	return json.Marshal(struct {
		plain
		Err string `json:"error,omitempty"`
	}{plain(f), text})
}

// A CheckReport is what a Check has found.
type CheckReport struct {
	Head     cairn.Position `json:"head"`     // where the log ended
	Read     uint64         `json:"read"`     // how many events any of the subjects was about
	Findings []Finding      `json:"findings"` // by subject and type, in the order in which their shapes came up
}

// With returns the findings of an outcome.
func (r *CheckReport) With(o Outcome) (found []Finding) {
	for _, f := range r.Findings {
		if f.Outcome == o {
			found = append(found, f)
		}
	}
	return found
}

// Err is nil if nothing breaks, and otherwise an error that says what does, and
// wraps the errors that were met. What could not be judged is none.
func (r *CheckReport) Err() error {
	var all []error
	for _, f := range r.With(Breaks) {
		all = append(all, &broken{f})
	}
	return errors.Join(all...)
}

// broken is a finding as an error.
type broken struct{ Finding }

func (b *broken) Error() string { return b.String() }
func (b *broken) Unwrap() error { return b.Err }

// WriteTo writes the findings, one in a line, those that matter first.
func (r *CheckReport) WriteTo(w io.Writer) (written int64, err error) {
	for _, o := range []Outcome{Breaks, Unjudged, Fine} {
		for _, f := range r.With(o) {
			n, err := fmt.Fprintln(w, &f)
			if written += int64(n); err != nil {
				return written, err
			}
		}
	}
	return written, nil
}
