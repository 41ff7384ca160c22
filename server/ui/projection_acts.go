package ui

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/server/access"
)

// An act is something that those who run a projection can be asked to do with it as
// a whole. What can be undone by its opposite needs no confirmation.
type act struct {
	What   string
	Build  int
	Button string
	Says   string
	Ask    bool // first whether it is meant
}

// actsOn are those that make sense as a projection stands.
func actsOn(s *projection.Status) (all []act) {
	if s.Active == 0 {
		return nil
	}
	for i := range s.Builds {
		if b := &s.Builds[i]; b.Build != s.Active && b.Build != s.Previous && (b.Phase == projection.Level || b.Phase == projection.Warm) {
			all = append(all, act{projection.AskSwitch, b.Build, fmt.Sprintf("Switch to build %d now", b.Build),
				fmt.Sprintf("version %d is level; readers see it from then on", b.Version), false})
		}
	}
	if b, ok := s.Build(s.Previous); ok && b.Phase != projection.Dropping {
		all = append(all, act{projection.AskRollback, b.Build, "Roll back…",
			fmt.Sprintf("to build %d, version %d, which readers saw before", b.Build, b.Version), true})
	}
	return append(all, act{projection.AskRebuild, 0, "Rebuild…", "beside what readers see, from the first event on", true})
}

// A postLine is a request and what has become of it.
type postLine struct {
	Wants  string
	By     string
	Asked  time.Time
	State  string
	Health string // the class of a badge
	Says   string
}

// wants says in words what was asked for.
func wants(q *projection.Request) string {
	switch {
	case q.What == projection.AskSwitch:
		return fmt.Sprintf("Switch to build %d", q.Build)
	case q.What == projection.AskRollback:
		return fmt.Sprintf("Roll back to build %d", q.Build)
	case q.What == projection.AskRebuild:
		return "Rebuild"
	case q.What == projection.AskRetry && q.Key == "":
		return "Replay all that is parked"
	case q.What == projection.AskRetry:
		return "Replay " + clip(q.Key, maxBrief)
	case q.What == projection.AskSkip:
		return "Give up " + clip(q.Key, maxBrief)
	}
	return clip(q.What, maxBrief)
}

// lineOfPost says how far a request is.
func lineOfPost(p *projection.Posting, now time.Time) postLine {
	line := postLine{Wants: wants(&p.Request), By: clip(p.By, maxBrief), Asked: p.Asked, Health: "info", State: string(p.State(now))}
	taker := clip(p.Taker, maxBrief)
	switch p.State(now) {
	case projection.PostWaiting:
		line.State, line.Says = "asked", "whoever runs it takes it within 15 s, or nobody does"
	case projection.PostTaken:
		line.State, line.Says = "under way", "taken by "+taker
	case projection.PostUnheard:
		line.Health, line.State, line.Says = "warn", "nobody took it", "No program that can do it was there, or free. It is not done later."
	case projection.PostUnknown:
		line.Health, line.State, line.Says = "warn", "no answer", "It was taken by "+taker+", which has not answered: it may have been done or not. See how things stand."
	case projection.PostDone:
		line.Health, line.Says = "good", clip(p.Answer.Text, maxReason)
	case projection.PostRefused:
		line.Health, line.State, line.Says = "bad", "not done", clip(p.Answer.Error, maxReason)
	}
	return line
}

// fieldOfKey is a key as a form can carry it: it may hold what browsers change, such
// as the ends of lines.
func fieldOfKey(key string) string { return base64.RawURLEncoding.EncodeToString([]byte(key)) }

func keyOfField(field string) (string, error) {
	key, err := base64.RawURLEncoding.DecodeString(field)
	if err != nil {
		return "", wrong("key", "is not what the page has sent")
	}
	return string(key), nil
}

// asking is the projection that a form is about and what it asks for, if the caller
// may ask: who may write the stream of requests may.
func (u *ui) asking(w http.ResponseWriter, r *http.Request) (name string, q projection.Request, err error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	name = unescapeSegment(r.PathValue("projection"))
	stream := projection.PostStream(name)
	if err := cairn.ValidateStream("projection", stream); err != nil {
		return name, q, err
	}
	if err := u.access.Check(r.Context(), access.Write, stream); err != nil {
		return name, q, err
	}
	q, err = requestOf(r)
	q.By = clip(cmp.Or(u.loggedIn(r), "the web UI"), 256)
	return name, q, err
}

// requestOf reads a form.
func requestOf(r *http.Request) (q projection.Request, err error) {
	q.What = r.PostFormValue("what")
	for field, into := range map[string]*int{"build": &q.Build, "active": &q.Active} {
		if v := r.PostFormValue(field); v != "" {
			if *into, err = strconv.Atoi(v); err != nil {
				return q, wrong(field, "%.40q is not the number of a build", v)
			}
		}
	}
	if q.First, err = position("first", r.PostFormValue("first")); err != nil {
		return q, err
	}
	q.Key, err = keyOfField(r.PostFormValue("key"))
	return q, err
}

// projectionAsk asks those who run a projection for something. The page shows what
// becomes of it.
func (u *ui) projectionAsk(w http.ResponseWriter, r *http.Request) error {
	name, q, err := u.asking(w, r)
	if err != nil {
		return err
	}
	if _, err := projection.ReportedOf(r.Context(), u.store, name); err != nil {
		return err // nobody was ever there to be asked
	}
	if _, err := projection.Post(r.Context(), u.store, name, q); err != nil {
		return err
	}
	return done(w, r, pagePath("/projections", name)+"#asked", wants(&q)+": asked. What becomes of it is shown below.")
}

// projectionConfirm asks whether it is meant.
func (u *ui) projectionConfirm(w http.ResponseWriter, r *http.Request) error {
	name, q, err := u.asking(w, r)
	if err != nil {
		return err
	}
	says := consequences(&q)
	if says == nil {
		return wrong("what", "%.40q needs no confirmation", q.What)
	}
	return u.confirm(w, r, "projections", confirmation{
		Title: name + ": " + wants(&q) + "?", Says: says,
		Action: pagePath("/projections", name) + "/ask", Back: pagePath("/projections", name), Button: wants(&q),
		Fields: map[string]string{
			"what": q.What, "build": strconv.Itoa(q.Build), "active": strconv.Itoa(q.Active), "first": fmt.Sprint(q.First), "key": fieldOfKey(q.Key),
		},
	})
}

// consequences say what an act will do that asks first.
func consequences(q *projection.Request) []string {
	switch q.What {
	case projection.AskRollback:
		return []string{
			fmt.Sprintf("Readers see build %d again, in one step, as soon as it shows all that they have seen.", q.Build),
			fmt.Sprintf("Build %d, which they see now, stays and is kept up to date; nobody switches to it again by himself.", q.Active),
			"If readers see another build by then, nothing happens.",
		}
	case projection.AskRebuild:
		return []string{
			"The program that deploys it reads the log from the first event on, into tables of its own: that takes room and time in the database.",
			"Readers see the present build until the new one is level; then they are switched, unless the deployment leaves that to you.",
		}
	case projection.AskSkip:
		return []string{
			fmt.Sprintf("The events that are parked under it in build %d are never applied there; the log keeps them.", q.Build),
			"What comes under the key from now on is applied again.",
			"If something else is parked first by then, nothing happens.",
		}
	}
	return nil
}
