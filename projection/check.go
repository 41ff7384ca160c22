package projection

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/cairndb/cairn"
)

// CheckOptions say how thoroughly to check. The zero value is right for most.
type CheckOptions struct {
	// After leaves out what is up to this position: what an earlier Check has
	// seen, say, with the same code.
	After cairn.Position

	// Shapes is how many shapes of one type are told apart. Zero means 256. What
	// comes in yet others is counted together, as [OtherShapes].
	Shapes int

	// Before is how many events that came before an example may be applied to
	// try it on a projection. Zero means 10,000.
	Before int

	// Progress, if not nil, is told now and then up to which position the log
	// was read, and up to which it will be.
	Progress func(at, to cairn.Position)
}

// OtherShapes is the shape of events whose shapes are too many to be told apart,
// and OtherTypes the type where that goes for types.
const (
	OtherShapes = "other shapes"
	OtherTypes  = "other types"
)

// mostFindings is how many findings there are at most, but for those of what is
// not told apart.
const mostFindings = 8192

// Check tries code on the history that it will meet, before it is deployed. It
// reads the log once and finds out, for each subject, what types of events there
// are and in what shapes, and whether the code can bear them.
//
//	report, err := projection.Check(ctx, store, projection.CheckOptions{},
//		projection.Decodes("account", account.Events, cairn.ByCategory("account")),
//		projection.Projects(target, balances))
//	if err == nil {
//		err = report.Err()
//	}
//
// Every single event is decoded, because what breaks an upcaster may be one value
// in one event. On a projection one event of each shape is tried, the first, with
// what happened before it, in a transaction that is undone. Memory is bounded by
// the number of shapes, not by that of events. Nothing is written.
//
// What is wrong with the code is in the report; an error means that it could not
// be made.
func Check(ctx context.Context, log Log, o CheckOptions, subjects ...Subject) (CheckReport, error) {
	if len(subjects) == 0 {
		return CheckReport{}, &cairn.InvalidError{Field: "subjects", Problem: "there is nothing to check"}
	}
	info, err := log.Info(ctx)
	if err != nil {
		return CheckReport{}, err
	}
	o.Shapes, o.Before = given(o.Shapes, 256), given(o.Before, 10_000)
	c := checker{log: log, options: o, report: CheckReport{Head: info.Head}}
	for _, s := range subjects {
		if s.wrong != nil {
			return CheckReport{}, s.wrong
		}
		c.subjects = append(c.subjects, &tried{Subject: s, findings: map[class]*Finding{}, shapes: map[string]int{}})
	}
	if err := c.read(ctx); err != nil {
		return CheckReport{}, err
	}
	err = c.try(ctx)
	return c.report, err
}

func given(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return n
}

// A checker checks all subjects at once.
type checker struct {
	log      Log
	options  CheckOptions
	subjects []*tried
	report   CheckReport
	told     cairn.Position
}

// A tried subject is one with what was found out about it.
type tried struct {
	Subject
	findings map[class]*Finding
	shapes   map[string]int // of a type
}

// A class is events that are expected to fare alike.
type class struct {
	name   string
	format cairn.Format
	shape  string
}

// read goes through the log.
func (c *checker) read(ctx context.Context) error {
	o := cairn.AllOptions{After: c.options.After, Before: c.report.Head + 1, Query: c.query()}
	o.Progress = c.tell
	for e, err := range c.log.ReadAll(ctx, o) {
		if err != nil {
			return err
		}
		c.see(&e)
		c.tell(e.Position)
	}
	return nil
}

// query selects what any of the subjects is about.
func (c *checker) query() cairn.Query {
	var all cairn.Query
	for _, s := range c.subjects {
		if s.query == nil {
			return nil
		}
		all = append(all, s.query...)
	}
	if len(all) > cairn.MaxFilters {
		return nil
	}
	return all
}

func (c *checker) tell(at cairn.Position) {
	if f := c.options.Progress; f != nil && (at >= c.told+cairn.ProgressEvery || at == c.report.Head) {
		c.told = at
		f(at, c.report.Head)
	}
}

// see counts an event and has it decoded.
func (c *checker) see(e *cairn.Recorded) {
	shape := ""
	for _, s := range c.subjects {
		if !s.about(e) {
			continue
		}
		if shape == "" {
			shape = shapeOf(&e.Event)
			c.report.Read++
		}
		s.finding(class{e.Type, e.Format, shape}, c.options.Shapes).count(e, s.decode)
	}
}

// about reports whether the subject is about an event.
func (t *tried) about(e *cairn.Recorded) bool {
	system := strings.HasPrefix(e.Stream, "$") || strings.HasPrefix(e.Type, "$")
	return t.query.Match(e) && (!system || typed(t.query))
}

// finding is the one of a class.
func (t *tried) finding(c class, most int) *Finding {
	if f := t.findings[c]; f != nil {
		return f
	}
	switch {
	case len(t.findings) >= mostFindings:
		c = class{name: OtherTypes, shape: OtherShapes}
	case t.shapes[c.name] >= most:
		c.shape = OtherShapes
	default:
		t.shapes[c.name]++
	}
	if t.findings[c] == nil {
		t.findings[c] = &Finding{Subject: t.Name, Type: c.name, Format: c.format.String(), Shape: c.shape, Outcome: Fine}
	}
	return t.findings[c]
}

// try tries the examples on what is too slow to be tried on every event.
func (c *checker) try(ctx context.Context) error {
	for _, s := range c.subjects {
		sorted := s.sorted()
		for _, f := range sorted {
			if s.try == nil || f.Outcome == Breaks {
				continue
			}
			e, err := at(ctx, c.log, f.Example)
			if err != nil {
				return err
			}
			if f.Outcome, f.Err, err = s.try(ctx, c.log, e, c.options.Before); err != nil {
				return fmt.Errorf("projection: checking %s with the event at position %d: %w", s.Name, f.Example, err)
			}
		}
		for _, f := range sorted {
			c.report.Findings = append(c.report.Findings, *f)
		}
	}
	return nil
}

// sorted are the findings in the order in which their shapes came up, by type.
func (t *tried) sorted() (all []*Finding) {
	for _, f := range t.findings {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b *Finding) int {
		if a.Type != b.Type {
			return strings.Compare(a.Type, b.Type)
		}
		return int(int64(a.First) - int64(b.First))
	})
	return all
}
