package ui

import (
	"net/http"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/ui/internal/fold"
)

// A statePage shows what the events of a stream amount to at a revision, and how that
// differs from an earlier one.
type statePage struct {
	Stream   string
	At, From cairn.Revision // From may be before the first event
	Since    string         // the first revision to be folded, if one was asked for
	Compared bool           // From was asked for, and stays when one steps
	First    cairn.Revision // that can be read
	Last     cairn.Revision // of the stream
	Begin    cairn.Revision // the first that was folded
	Older    *cairn.Revision
	Newer    *cairn.Revision

	Event   *row // at At, if it can be read
	Folded  int  // events
	Cut     bool // there are more before them than a page folds
	Left    []leftOut
	LeftAll int
	Full    *cairn.Revision // of the event after which the state was too large to go on

	Changes    []changeLine
	ChangesAll int
	Lines      []stateLine
	MoreLines  bool
	Size       int64

	before, after fold.State
	positions     map[cairn.Revision]cairn.Position
}

// A leftOut is an event that was not folded, and why.
type leftOut struct {
	Revision cairn.Revision
	Position cairn.Position
	Type     string
	Why      string
}

// streamState is the page of a state. Without a revision it is the last; without one
// to compare with, the one before.
func (u *ui) streamState(w http.ResponseWriter, r *http.Request) error {
	stream, err := u.streamOf(r, access.Read)
	if err != nil {
		return err
	}
	info, err := u.store.StreamInfo(r.Context(), stream)
	if err != nil {
		return err
	}
	if info.State != cairn.StreamLive || info.First > info.Last {
		return notThere("The stream %q has no event that can be read, and so no state.", stream)
	}
	p, err := statePageOf(r, &info)
	if err != nil {
		return err
	}
	if err := u.foldStream(r.Context(), p); err != nil {
		return err
	}
	p.describe()
	return u.render(w, r, "state", view{Title: "State of " + stream, Section: "streams", Data: p})
}

// statePageOf reads what was asked for. Revisions that are not there are taken for
// the nearest ones that are.
func statePageOf(r *http.Request, info *cairn.StreamInfo) (*statePage, error) {
	p := &statePage{
		Stream: info.Stream, First: info.First, Last: info.Last, At: info.Last, Begin: info.First, Since: r.FormValue("since"),
		positions: map[cairn.Revision]cairn.Position{},
	}
	for _, field := range []struct {
		name string
		to   *cairn.Revision
	}{{"at", &p.At}, {"since", &p.Begin}, {"from", &p.From}} {
		n, err := position(field.name, r.FormValue(field.name))
		if err != nil {
			return nil, err
		}
		if r.FormValue(field.name) != "" {
			*field.to = min(max(cairn.Revision(n), info.First), info.Last)
		}
	}
	if p.Compared = r.FormValue("from") != ""; !p.Compared {
		p.From = p.At - 1
	}
	p.At, p.From = max(p.At, p.From), min(p.At, p.From)
	p.Begin = min(p.Begin, p.At)
	p.steps()
	return p, nil
}

// steps are the revisions before and after this one.
func (p *statePage) steps() {
	if p.At > p.First {
		older := p.At - 1
		p.Older = &older
	}
	if p.At < p.Last {
		newer := p.At + 1
		p.Newer = &newer
	}
}
