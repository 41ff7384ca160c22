package ui

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/server/access"
)

// How much the page of a projection shows.
const (
	buildsShown = 20
	parkedShown = 100
	postsShown  = 10
)

// A projectionPage is what the page of a projection shows.
type projectionPage struct {
	projectionLine
	MoreBuilds int
	Acts       []act
	Parked     []parkedLine
	MoreParked int
	Posts      []postLine
	MayAct     bool // may ask those who run it, who listen
}

// A parkedLine is a key whose events are parked.
type parkedLine struct {
	projection.ParkedKey
	Seen   bool   // it is in the build that readers see
	Field  string // the key as a form sends it
	Name   string // the key as people see it
	Reason string
}

// projectionOf is the projection that a request is about, if the caller may look at
// it: who may read the stream of its reports may.
func (u *ui) projectionOf(r *http.Request) (string, error) {
	name := unescapeSegment(r.PathValue("projection"))
	stream := projection.ReportStream(name)
	if err := cairn.ValidateStream("projection", stream); err != nil {
		return "", err
	}
	return name, u.access.Check(r.Context(), access.Read, stream)
}

func (u *ui) projection(w http.ResponseWriter, r *http.Request) error {
	name, err := u.projectionOf(r)
	if err != nil {
		return err
	}
	p, err := u.projectionSeen(r, name)
	if err != nil {
		return err
	}
	return u.render(w, r, "projection", view{Title: name, Section: "projections", Data: p})
}

// projectionSeen is what there is to see of a projection now.
func (u *ui) projectionSeen(r *http.Request, name string) (*projectionPage, error) {
	s, err := projection.ReportedOf(r.Context(), u.store, name)
	if err != nil {
		return nil, err
	}
	posts, err := projection.Posted(r.Context(), u.store, name)
	if err != nil {
		return nil, err
	}
	p := &projectionPage{projectionLine: lineOfProjection(&s), MayAct: s.Attended && u.may(r, access.Write, projection.PostStream(name))}
	if p.MoreBuilds = len(s.Builds) - buildsShown; p.MoreBuilds > 0 {
		p.Builds = s.Builds[p.MoreBuilds:]
	}
	p.Acts = actsOn(&s)
	p.park(s.ParkedFirst)
	for i := range posts[:min(len(posts), postsShown)] {
		p.Posts = append(p.Posts, lineOfPost(&posts[i], time.Now()))
	}
	return p, nil
}

// park adds the parked keys. What was reported may be anything.
func (p *projectionPage) park(all []projection.ParkedKey) {
	all = all[:min(len(all), parkedShown)]
	for _, k := range all {
		p.Parked = append(p.Parked, parkedLine{
			ParkedKey: k, Seen: k.Build == p.Active, Field: fieldOfKey(k.Key), Name: clip(k.Key, maxBrief), Reason: clip(k.Reason, maxReason),
		})
	}
	for i := range p.Builds {
		p.MoreParked += p.Builds[i].ParkedKeys
	}
	p.MoreParked -= len(p.Parked)
}

// maxReason is how many bytes of the reason of a failure are shown.
const maxReason = 400

// projectionBlocks are the parts of the page that change while one looks, each on
// its own, so that nothing is replaced below one's hands that has not changed.
var projectionBlocks = []string{"age", "badge", "trouble", "coming", "acts", "parked", "posts", "builds"}

// lookEvery is how often the page of a projection is looked at anew.
const lookEvery = time.Second

// projectionLive sends the parts of the page that have changed.
func (u *ui) projectionLive(w http.ResponseWriter, r *http.Request) error {
	name, err := u.projectionOf(r)
	if err != nil {
		return err
	}
	if _, err := projection.ReportedOf(r.Context(), u.store, name); err != nil {
		return err
	}
	return u.live(w, r, func(ctx context.Context, f *feed) error {
		r, sent := r.WithContext(ctx), map[string][]byte{}
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			if err := u.sendProjection(r, f, name, sent); err != nil {
				return err
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return nil
			}
		}
	})
}

func (u *ui) sendProjection(r *http.Request, f *feed, name string, sent map[string][]byte) error {
	if err := u.access.Check(r.Context(), access.Read, projection.ReportStream(name)); err != nil {
		return err // it may have been taken away meanwhile
	}
	p, err := u.projectionSeen(r, name)
	if err != nil {
		return err
	}
	for _, block := range projectionBlocks {
		html, err := u.text("projection", block, p)
		if err != nil {
			return err
		}
		if before, ok := sent[block]; ok && bytes.Equal(before, html) {
			continue
		}
		sent[block] = html
		if err := f.send(block, html); err != nil {
			return err
		}
	}
	return nil
}
