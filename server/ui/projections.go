package ui

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/server/access"
)

func (u *ui) projectionPages() []page {
	return []page{
		{"GET /projections", u.projections},
		{"GET /projections/{projection}", u.projection},
		{"GET /projections/{projection}/live", u.projectionLive},
		{"POST /projections/{projection}/confirm", u.projectionConfirm},
		{"POST /projections/{projection}/ask", u.projectionAsk},
	}
}

// A projectionLine is a projection in a list: the build that readers see, and the
// one that is to come after it.
type projectionLine struct {
	projection.Status
	Health string
	Says   string
	Build  projection.BuildStatus
	Coming *projection.BuildStatus
}

// silent is how long a projection may say nothing before that is worth a word: its
// runner reports at least every few seconds while there is anything to do.
const silent = 5 * time.Minute

func lineOfProjection(s *projection.Status) projectionLine {
	line := projectionLine{Status: *s, Health: "good", Says: "up to date"}
	line.Build, _ = s.Build(s.Active)
	for i := range s.Builds {
		if p := s.Builds[i].Phase; p == projection.Building || p == projection.Level {
			line.Coming = &s.Builds[i]
		}
	}
	switch {
	case line.Build.Error != "":
		line.Health, line.Says = "bad", "stands still"
	case line.Build.ParkedKeys > 0:
		line.Health, line.Says = "bad", "parked"
	case line.Coming != nil && line.Coming.Error != "":
		line.Health, line.Says = "bad", "the next version stands still"
	case (line.Build.Lag > 0 || line.Coming != nil && line.Coming.Phase == projection.Building) && time.Since(s.At) > silent:
		line.Health, line.Says = "warn", "silent"
	case line.Build.Lag > 0:
		line.Says = "following"
	}
	return line
}

// Waits says how long the oldest event waits that readers do not see yet.
func (l projectionLine) Waits() string {
	if l.Build.Lag == 0 || l.Build.Oldest.IsZero() {
		return ""
	}
	return took(l.Build.Behind(time.Now()))
}

// projectionLines are the projections as their runners report them, those in need
// first.
func (u *ui) projectionLines(ctx context.Context) (lines []projectionLine, err error) {
	all, err := projection.Reported(ctx, u.store)
	if err != nil {
		return nil, err
	}
	for i := range all {
		lines = append(lines, lineOfProjection(&all[i]))
	}
	slices.SortStableFunc(lines, func(a, b projectionLine) int { return rank(a.Health) - rank(b.Health) })
	return lines, nil
}

func (u *ui) projections(w http.ResponseWriter, r *http.Request) error {
	if err := u.access.Check(r.Context(), access.Read, everything); err != nil {
		return err
	}
	lines, err := u.projectionLines(r.Context())
	if err != nil {
		return err
	}
	return u.render(w, r, "projections", view{Title: "Projections", Section: "projections", Data: lines})
}
