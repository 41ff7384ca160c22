package ui

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/saga"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/timer"
)

func (u *ui) timerPages() []page {
	return []page{
		{"GET /timers", u.timers},
		{"POST /timers/cancel/ask", u.cancelTimerAsk},
		{"POST /timers/cancel", u.cancelTimer},
		{"POST /timers/fire/ask", u.fireTimerAsk},
		{"POST /timers/fire", u.fireTimer},
	}
}

const (
	timersShown     = 100
	overdueLooked   = 20 // timers of a category, to say whether anybody fires them
	failuresShown   = 20
	categoriesShown = 20
	runnerSilent    = 2 * time.Hour // runners say where they are every hour
)

// A timerLine is a category of timers in a list.
type timerLine struct {
	Category timer.Category
	Health   string
	Says     string
	Why      string
	Overdue  int  // timers that were due a minute ago and more, and have not fired
	Most     bool // there may be more of those
	Failed   int
	timer.Standing
}

// timerLine says how the timers of a category do.
func (u *ui) timerLine(ctx context.Context, c timer.Category) (line timerLine, err error) {
	line = timerLine{Category: c, Health: "good", Says: "firing"}
	if line.Standing, err = timer.StandingOf(ctx, u.store, c); err != nil {
		return line, err
	}
	late, err := timer.Next(ctx, u.store, c, timer.Mark{}, time.Now().Add(-lateAfter), overdueLooked)
	if err != nil {
		return line, err
	}
	failed, err := timer.LatelyFailed(ctx, u.store, c, failuresShown)
	if err != nil {
		return line, err
	}
	line.Overdue, line.Most, line.Failed = len(late.Timers), late.Next != timer.Mark{}, len(failed)
	switch {
	case line.Overdue > 0:
		line.Health, line.Says = "bad", "nobody fires them"
		line.Why = "The first was due " + ago(time.Since(late.Timers[0].Due)) + "."
	case line.Failed > 0:
		line.Health, line.Says, line.Why = "bad", "failed to fire", failed[0].Error
	case line.Written.IsZero():
		line.Health, line.Says = "warn", "nobody has run them"
	case time.Since(line.Written) > runnerSilent:
		line.Health, line.Says = "warn", "nobody runs them"
	}
	return line, nil
}

// timerLines are the categories of timers, those in need first.
func (u *ui) timerLines(ctx context.Context) (lines []timerLine, more int, err error) {
	all, err := timer.Categories(ctx, u.store)
	if err != nil {
		return nil, 0, err
	}
	if more = len(all) - categoriesShown; more > 0 {
		all = all[:categoriesShown]
	}
	for _, c := range all {
		line, err := u.timerLine(ctx, c)
		if err != nil {
			return nil, 0, err
		}
		lines = append(lines, line)
	}
	slices.SortStableFunc(lines, func(a, b timerLine) int { return rank(a.Health) - rank(b.Health) })
	return lines, max(more, 0), nil
}

// A setTimer is a timer in a list.
type setTimer struct {
	timer.Timer
	Stream         string // the timer's own
	Health, When   string
	Saga, Instance string // to which it comes, if it is a saga's
	MayAct         bool
}

func (u *ui) setTimer(r *http.Request, c timer.Category, t timer.Timer, now time.Time) setTimer {
	line := setTimer{Timer: t, Stream: c.Stream(t.Key), Health: "good", When: "in " + took(t.Due.Sub(now).Truncate(time.Second))}
	line.Saga, line.Instance, _ = saga.OfTimeout(t.Fire.Stream)
	late := now.Sub(t.Due)
	switch {
	case t.Error != "":
		line.Health, line.When = "bad", "failed"
	case late > lateAfter:
		line.Health, line.When = "bad", "overdue by "+took(late.Truncate(time.Second))
	case late > -time.Second:
		line.When = "now"
	}
	line.MayAct = u.may(r, access.Write, line.Stream)
	return line
}

// A timersPage is what the page of timers shows: categories, and of one of them
// what is due next.
type timersPage struct {
	Lines    []timerLine
	More     int
	Category timer.Category
	Timers   []setTimer
	Failed   []setTimer
	Next     string
	Upto     time.Time // until when was looked, if that was not all
	Crowded  bool
	First    bool
}

func (u *ui) timers(w http.ResponseWriter, r *http.Request) error {
	if err := u.access.Check(r.Context(), access.Read, everything); err != nil {
		return err
	}
	p := timersPage{}
	var err error
	if p.Lines, p.More, err = u.timerLines(r.Context()); err != nil {
		return err
	}
	q := r.URL.Query()
	if p.Category = timer.Category(q.Get("category")); p.Category == "" && len(p.Lines) > 0 {
		p.Category = p.Lines[0].Category
	}
	if p.Category != "" {
		after, err := markOf(q)
		if err != nil {
			return err
		}
		if err := u.fillTimers(r, &p, after); err != nil {
			return err
		}
	}
	return u.render(w, r, "timers", view{Title: "Timers", Section: "timers", Data: p})
}

// fillTimers reads what of the category is due next, and what has failed.
func (u *ui) fillTimers(r *http.Request, p *timersPage, after timer.Mark) error {
	a, err := timer.Next(r.Context(), u.store, p.Category, after, time.Time{}, timersShown)
	if err != nil {
		return err
	}
	now := time.Now()
	for _, t := range a.Timers {
		p.Timers = append(p.Timers, u.setTimer(r, p.Category, t, now))
	}
	if p.Crowded = a.Crowded; a.Next != (timer.Mark{}) {
		p.Next, p.Upto = pageOf(p.Category, a.Next), a.Next.Due
	}
	if p.First = after == (timer.Mark{}); !p.First {
		return nil
	}
	failed, err := timer.LatelyFailed(r.Context(), u.store, p.Category, failuresShown)
	for _, t := range failed {
		p.Failed = append(p.Failed, u.setTimer(r, p.Category, t, now))
	}
	return err
}

// markOf reads where a page begins.
func markOf(q url.Values) (m timer.Mark, err error) {
	if s := q.Get("due"); s != "" {
		ns, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return m, wrong("due", "%.40q is not a time in nanoseconds since 1970", s)
		}
		m.Due = time.Unix(0, ns).UTC()
	}
	m.At, err = position("at", q.Get("at"))
	return m, err
}

func pageOf(c timer.Category, m timer.Mark) string {
	q := url.Values{"category": {string(c)}, "at": {fmt.Sprint(m.At)}}
	if !m.Due.IsZero() {
		q.Set("due", fmt.Sprint(m.Due.UnixNano()))
	}
	return pagePath("/timers") + "?" + q.Encode()
}

// timerOf is the timer that a form is about, as it was seen, if the caller may write
// its stream.
func (u *ui) timerOf(w http.ResponseWriter, r *http.Request) (c timer.Category, t timer.Timer, err error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	c = timer.Category(r.PostFormValue("category"))
	key := r.PostFormValue("key")
	if err := cairn.ValidateStream("key", c.Stream(key)); err != nil {
		return c, t, err
	}
	if err := u.access.Check(r.Context(), access.Write, c.Stream(key)); err != nil {
		return c, t, err
	}
	t, ok, err := timer.Find(r.Context(), u.store, c, key)
	if err == nil && !ok {
		err = notThere("The timer %q is not set any more: it has fired, or was cancelled.", key)
	}
	return c, t, err
}
