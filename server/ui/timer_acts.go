package ui

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/saga"
	"github.com/cairndb/cairn/timer"
)

// timerFields carry a timer, as it was seen, through a form.
func timerFields(c timer.Category, t *timer.Timer) map[string]string {
	return map[string]string{"category": string(c), "key": t.Key, "expected": fmt.Sprint(t.Revision)}
}

func timersPath(c timer.Category) string {
	return pagePath("/timers") + "?" + url.Values{"category": {string(c)}}.Encode()
}

func (u *ui) cancelTimerAsk(w http.ResponseWriter, r *http.Request) error {
	c, t, err := u.timerOf(w, r)
	if err != nil {
		return err
	}
	says := []string{fmt.Sprintf("The event %s, due %s, is not appended to %s.", t.Fire.Event.Type, instant(t.Due), t.Fire.Stream)}
	if name, id, ok := saga.OfTimeout(t.Fire.Stream); ok {
		says = append(says, fmt.Sprintf("The instance %s of the saga %s is not told: it goes on waiting for whatever else may come.", id, name))
	}
	return u.confirm(w, r, "timers", confirmation{
		Title: "Cancel the timer " + clip(t.Key, maxBrief) + "?", Says: append(says, "Whoever set it may set it again."),
		Action: pagePath("/timers") + "/cancel", Fields: timerFields(c, &t), Button: "Cancel it", Back: timersPath(c),
	})
}

func (u *ui) fireTimerAsk(w http.ResponseWriter, r *http.Request) error {
	c, t, err := u.timerOf(w, r)
	if err != nil {
		return err
	}
	return u.confirm(w, r, "timers", confirmation{
		Title: "Fire the timer " + clip(t.Key, maxBrief) + " now?",
		Says: []string{
			fmt.Sprintf("It is set anew, due now instead of %s, with the same event: %s for %s.", instant(t.Due), t.Fire.Event.Type, t.Fire.Stream),
			"Whoever runs the timers appends it within a moment; if nobody does, nothing happens.",
		},
		Action: pagePath("/timers") + "/fire", Fields: timerFields(c, &t), Button: "Fire it now", Back: timersPath(c),
	})
}

func (u *ui) cancelTimer(w http.ResponseWriter, r *http.Request) error {
	return u.actOnTimer(w, r, "is cancelled", func(c timer.Category, t *timer.Timer) (cairn.Write, error) { return c.Cancel(t.Key) })
}

func (u *ui) fireTimer(w http.ResponseWriter, r *http.Request) error {
	return u.actOnTimer(w, r, "is due now", func(c timer.Category, t *timer.Timer) (cairn.Write, error) {
		return c.Set(t.Key, time.Now(), t.Fire)
	})
}

// actOnTimer does something to the timer that was seen, and to no other one.
func (u *ui) actOnTimer(w http.ResponseWriter, r *http.Request, what string, act func(timer.Category, *timer.Timer) (cairn.Write, error)) error {
	c, t, err := u.timerOf(w, r)
	if err != nil {
		return err
	}
	write, err := act(c, &t)
	if err != nil {
		return err
	}
	if write.Expected, err = expectedRevision(r); err != nil {
		return err
	}
	if _, err := u.store.Commit(r.Context(), cairn.Batch{Writes: []cairn.Write{write}}); err != nil {
		return err
	}
	return done(w, r, timersPath(c), "The timer "+clip(t.Key, maxBrief)+" "+what+".")
}
