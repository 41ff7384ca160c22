package ui

import (
	"context"
	"html/template"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/ui/internal/fold"
)

// How much a page of a state folds and shows. Of a value it shows little: the event
// that it is from is a click away.
const (
	maxFolded    = 5000    // events
	maxFoldData  = 4 << 20 // bytes of their data
	leftShown    = 20      // events that were not folded
	changesShown = 100
	maxValue     = 600 // bytes of a value that changed, and of its path
	linesShown   = 300
	maxStateLine = 300 // bytes
)

// A changeLine is a change as a page shows it.
type changeLine struct {
	Kind     string
	Path     string
	Old, New template.HTML
	By       cairn.Revision
	Position cairn.Position // of the event at By; 0 if it was not folded
}

// A stateLine is a line of a state.
type stateLine struct {
	HTML     template.HTML
	By       cairn.Revision
	Position cairn.Position
	Changed  bool // after what the state is compared with
}

// foldStream folds the events up to a revision, from as far back as a page goes.
func (u *ui) foldStream(ctx context.Context, p *statePage) error {
	events, err := u.toFold(ctx, p)
	if err != nil {
		return err
	}
	older := true
	for i := len(events) - 1; i >= 0; i-- {
		e := &events[i]
		if older && e.Revision > p.From {
			older, p.before = false, *p.after.Clone()
		}
		if p.after.Size() > fold.MaxSize {
			p.Full = &events[i+1].Revision
			break
		}
		p.merge(e)
	}
	if older {
		p.before = *p.after.Clone()
	}
	return nil
}

// toFold are the events to fold, newest first.
func (u *ui) toFold(ctx context.Context, p *statePage) (events []cairn.Recorded, err error) {
	size := 0
	o := cairn.ReadOptions{From: p.Begin, Before: p.At + 1, Backward: true, Limit: maxFolded + 1}
	for e, err := range u.store.ReadStream(ctx, p.Stream, o) {
		if err != nil {
			return nil, err
		}
		size += len(e.Data)
		if len(events) > 0 && (len(events) == maxFolded || size > maxFoldData) {
			p.Cut = true
			break
		}
		p.Begin = e.Revision
		events = append(events, e)
	}
	return events, nil
}

// merge folds an event.
func (p *statePage) merge(e *cairn.Recorded) {
	p.positions[e.Revision] = e.Position
	if e.Revision == p.At {
		line := rowOf(e)
		p.Event = &line
	}
	err := p.after.Merge(e.Data, e.Revision)
	if err == nil {
		p.Folded++
		return
	}
	if p.LeftAll++; len(p.Left) < leftShown {
		p.Left = append(p.Left, leftOut{e.Revision, e.Position, e.Type, err.Error()})
	}
}

// describe writes down the state and what changed.
func (p *statePage) describe() {
	p.Size = int64(p.after.Size())
	lines, more := p.after.Lines(linesShown)
	p.MoreLines = more
	for _, l := range lines {
		p.Lines = append(p.Lines, stateLine{coloured(clip(l.Text, maxStateLine)), l.By, p.positions[l.By], l.By > p.From})
	}
	changes, all := fold.Diff(&p.before, &p.after, changesShown)
	p.ChangesAll = all
	for _, c := range changes {
		p.Changes = append(p.Changes, changeLine{
			c.Kind(), clip(fold.Pointer(c.Path), maxValue), coloured(clip(c.Old, maxValue)), coloured(clip(c.New, maxValue)), c.By, p.positions[c.By],
		})
	}
}
