package ui

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/ui/internal/causation"
)

func (u *ui) eventPages() []page {
	return []page{
		{"GET /events/{position}", u.event},
		{"GET /events/{position}/data", u.eventData},
	}
}

// neighbours is how many events before and after one its page shows.
const neighbours = 4

// An eventPage is what the page of an event shows.
type eventPage struct {
	Event          *cairn.Recorded
	Data, Metadata content
	Previous, Next cairn.Position // in its stream; 0 if there is none
	Siblings       []row          // by revision
	Around         []row          // by position
	Graph          *drawing       // nil where nothing else belongs to it
	Correlation    string
	Causation      string
}

func (u *ui) event(w http.ResponseWriter, r *http.Request) error {
	e, err := u.eventAt(r)
	if err != nil {
		return err
	}
	p := eventPage{Event: e, Data: readable(e.Data), Metadata: readable(e.Metadata)}
	p.Correlation, p.Causation = cairn.Correlation(e.Metadata)
	if err := u.standsIn(r.Context(), &p); err != nil {
		return err
	}
	// Neighbours and causes are of other streams, which only those may read who
	// may read the log.
	if u.may(r, access.Read, everything) {
		if err := errors.Join(u.around(r.Context(), &p), u.caused(r.Context(), &p)); err != nil {
			return err
		}
	}
	return u.render(w, r, "event", view{Title: fmt.Sprintf("%s at %d", e.Type, e.Position), Section: "streams", Data: p})
}

// eventAt is the event that a request is about, if the caller may read its stream.
func (u *ui) eventAt(r *http.Request) (*cairn.Recorded, error) {
	at, err := position("position", r.PathValue("position"))
	if err != nil {
		return nil, err
	}
	if err := u.access.CheckRole(r.Context()); err != nil {
		return nil, err
	}
	if at > 0 {
		for e, err := range u.store.ReadAll(r.Context(), cairn.AllOptions{After: at - 1, Before: at + 1, Limit: 1}) {
			if err != nil {
				return nil, err
			}
			return &e, u.access.Check(r.Context(), access.Read, e.Stream)
		}
	}
	return nil, notThere("There is no event at position %d: the log begins at 1 and ends at its head.", at)
}

// standsIn reads the neighbours in the event's stream, as far as its metadata shows
// them.
func (u *ui) standsIn(ctx context.Context, p *eventPage) error {
	at := p.Event.Revision
	o := cairn.ReadOptions{From: max(at-neighbours, 0), Limit: 2*neighbours + 1}
	for e, err := range u.store.ReadStream(ctx, p.Event.Stream, o) {
		switch {
		case errors.Is(err, cairn.ErrStreamDeleted):
			return nil // it is closed, and the log still has the event
		case err != nil:
			return err
		case e.Revision < at:
			p.Previous = e.Position
		case e.Revision > at && p.Next == 0:
			p.Next = e.Position
		}
		p.Siblings = append(p.Siblings, rowOf(&e))
	}
	return nil
}

// around reads the neighbours in the log.
func (u *ui) around(ctx context.Context, p *eventPage) error {
	after := p.Event.Position - 1
	after -= min(after, neighbours)
	for e, err := range u.store.ReadAll(ctx, cairn.AllOptions{After: after, Limit: 2*neighbours + 1}) {
		if err != nil {
			return err
		}
		p.Around = append(p.Around, rowOf(&e))
	}
	return nil
}

// caused draws what the event belongs to, if that is more than itself.
func (u *ui) caused(ctx context.Context, p *eventPage) error {
	g, err := causation.Of(ctx, u.store, p.Event.Position)
	if err != nil {
		return err
	}
	if len(g.Nodes) > 1 {
		p.Graph = draw(g, p.Event.Position)
	}
	return nil
}

// eventData is the data, or with ?metadata the metadata, as it was appended. It is
// always a file to be saved: what is in it is nobody's page.
func (u *ui) eventData(w http.ResponseWriter, r *http.Request) error {
	e, err := u.eventAt(r)
	if err != nil {
		return err
	}
	b, name := e.Data, fmt.Sprintf("event-%d.data", e.Position)
	if r.URL.Query().Has("metadata") {
		b, name = e.Metadata, fmt.Sprintf("event-%d.metadata", e.Position)
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	_, _ = w.Write(b)
	return nil
}
