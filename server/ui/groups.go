package ui

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/server/access"
)

func (u *ui) groupPages() []page {
	return []page{
		{"GET /groups", u.groups},
		{"GET /groups/{group}", u.group},
		{"POST /groups/{group}/replay", u.replayParked},
		{"POST /groups/{group}/drop/ask", u.dropParkedAsk},
		{"POST /groups/{group}/drop", u.dropParked},
	}
}

// groupsShown is how many groups and parked keys a page shows.
const groupsShown = 100

// A groupLine is a group in a list.
type groupLine struct {
	Name   string
	Health string // "good", "warn" or "bad": the class of a badge
	Says   string
	group.GroupStatus
}

// lineOfGroup says how a group does: what was parked waits for somebody, and where
// nobody is there but something to do nothing happens.
func lineOfGroup(name string, s group.GroupStatus) groupLine {
	line := groupLine{name, "good", "running", s}
	switch {
	case s.ParkedKeys > 0:
		line.Health, line.Says = "bad", "parked"
	case len(s.Members) == 0 && s.Lag > 0:
		line.Health, line.Says = "bad", "nobody runs it"
	case len(s.Members) == 0:
		line.Health, line.Says = "warn", "nobody runs it"
	case s.Behind(time.Now()) > late:
		line.Health, line.Says = "warn", "behind"
	}
	return line
}

// late is how long an event may wait for a group before that is worth a word.
const late = time.Minute

// Waits says how long the oldest event waits that is still to be settled.
func (l groupLine) Waits() string {
	if l.Lag == 0 {
		return ""
	}
	return took(l.Behind(time.Now()))
}

// rank puts red things first.
func rank(health string) int { return slices.Index([]string{"bad", "warn", "good"}, health) }

// groupLines are the groups, those in need first.
func (u *ui) groupLines(ctx context.Context) (lines []groupLine, more int, err error) {
	names, err := group.List(ctx, u.store)
	if err != nil {
		return nil, 0, err
	}
	if more = len(names) - groupsShown; more > 0 {
		names = names[:groupsShown]
	}
	u.sightings.forget(names)
	for _, name := range names {
		s, err := u.sightings.status(ctx, u.store, name)
		if errors.Is(err, group.ErrUnknown) {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, 0, err
		}
		lines = append(lines, lineOfGroup(name, s))
	}
	slices.SortStableFunc(lines, func(a, b groupLine) int { return rank(a.Health) - rank(b.Health) })
	return lines, max(more, 0), nil
}

func (u *ui) groups(w http.ResponseWriter, r *http.Request) error {
	if err := u.access.Check(r.Context(), access.Read, everything); err != nil {
		return err
	}
	lines, more, err := u.groupLines(r.Context())
	if err != nil {
		return err
	}
	return u.render(w, r, "groups", view{Title: "Groups", Section: "groups", Data: map[string]any{"Lines": lines, "More": more}})
}

// A groupPage is what the page of a group shows.
type groupPage struct {
	groupLine
	Selects []string // what its query says, a line for each filter
	Parked  []group.ParkedKey
	More    int // parked keys that are not shown
	MayAct  bool
}

// groupOf is the group that a request is about, if the caller may do something to
// it: what permission there is for its defining stream.
func (u *ui) groupOf(r *http.Request, a access.Action) (string, error) {
	name := unescapeSegment(r.PathValue("group"))
	stream := group.DefinitionStream(name)
	if err := cairn.ValidateStream("group", stream); err != nil {
		return "", err
	}
	return name, u.access.Check(r.Context(), a, stream)
}

func (u *ui) group(w http.ResponseWriter, r *http.Request) error {
	name, err := u.groupOf(r, access.Read)
	if err != nil {
		return err
	}
	s, err := group.Status(r.Context(), u.store, name)
	if err != nil {
		return err
	}
	p := groupPage{groupLine: lineOfGroup(name, s), Selects: selects(s.Query), MayAct: u.may(r, access.Write, group.DefinitionStream(name))}
	if p.Parked, err = group.Parked(r.Context(), u.store, name); err != nil {
		return err
	}
	if p.More = len(p.Parked) - groupsShown; p.More > 0 {
		p.Parked = p.Parked[:groupsShown]
	}
	return u.render(w, r, "group", view{Title: name, Section: "groups", Data: p})
}

// selects says what a query selects.
func selects(q cairn.Query) (lines []string) {
	for _, f := range q {
		var parts []string
		for _, c := range []struct {
			name string
			list []string
		}{{"type", f.Types}, {"category", f.Categories}, {"stream", f.Streams}, {"prefix", f.Prefixes}, {"tag", f.Tags}} {
			if len(c.list) > 0 {
				parts = append(parts, c.name+" "+strings.Join(c.list, ", "))
			}
		}
		lines = append(lines, strings.Join(parts, "; "))
	}
	return lines
}

func (u *ui) replayParked(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	name, err := u.groupOf(r, access.Write)
	if err != nil {
		return err
	}
	key := r.PostFormValue("key")
	if err := group.Replay(r.Context(), u.store, name, key); err != nil {
		return err
	}
	return done(w, r, afterAct(r, name), "What is parked under "+clip(key, maxBrief)+" is handled again, in order.")
}

func (u *ui) dropParkedAsk(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	name, err := u.groupOf(r, access.Write)
	if err != nil {
		return err
	}
	key := r.PostFormValue("key")
	return u.confirm(w, r, "groups", confirmation{
		Title: "Give up what is parked under " + clip(key, maxBrief) + "?",
		Says: []string{
			"The group " + name + " never handles these events; the log keeps them.",
			"What comes under the key from now on is handled again.",
		},
		Action: pagePath("/groups", name) + "/drop", Fields: map[string]string{"key": key, "instance": r.PostFormValue("instance")}, Button: "Give them up", Back: afterAct(r, name),
	})
}

func (u *ui) dropParked(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	name, err := u.groupOf(r, access.Write)
	if err != nil {
		return err
	}
	key := r.PostFormValue("key")
	if err := group.Drop(r.Context(), u.store, name, key); err != nil {
		return err
	}
	return done(w, r, afterAct(r, name), "What was parked under "+clip(key, maxBrief)+" is given up.")
}
