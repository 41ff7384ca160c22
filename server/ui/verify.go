package ui

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/cairndb/cairn"
)

func (u *ui) verifyPages() []page {
	return []page{
		{"GET /operations/verify", u.offeringVerify(u.verify)},
		{"GET /operations/verify/live", u.offeringVerify(u.verifyLive)},
		{"POST /operations/verify/start", u.offeringVerify(u.verifyStart)},
		{"POST /operations/verify/stop", u.offeringVerify(u.verifyStop)},
	}
}

// offeringVerify is for pages that are there if the program can verify its store.
func (u *ui) offeringVerify(handle func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if u.o.Verify == nil {
			return notOffered("verification")
		}
		return handle(w, r)
	}
}

const (
	problemsShown = 100
	maxProblem    = 1000 // bytes of what is said of one
)

// A damage is something that is wrong, as the page shows it.
type damage struct {
	Path     string // empty if it is in no file of the log
	Offset   int64
	Position cairn.Position
	Problem  string
	Hint     string
}

func damageOf(err error) damage {
	if e, ok := errors.AsType[*cairn.CorruptError](err); ok {
		return damage{e.Path, e.Offset, e.Position, clip(e.Problem, maxProblem), clip(e.Hint, maxProblem)}
	}
	return damage{Problem: clip(err.Error(), maxProblem)}
}

// Damages are the first of the problems.
func (v verification) Damages() (all []damage) {
	for _, err := range v.Problems[:min(len(v.Problems), problemsShown)] {
		all = append(all, damageOf(err))
	}
	return all
}

// More is how many problems are not shown.
func (v verification) More() int { return max(0, len(v.Problems)-problemsShown) }

func (u *ui) verify(w http.ResponseWriter, r *http.Request) error {
	v, _ := u.verifications.look()
	return u.operated(w, r, http.StatusOK, "verify", "verify", v)
}

func (u *ui) verifyStart(w http.ResponseWriter, r *http.Request) error {
	if err := u.verifications.start(); err != nil {
		return err
	}
	return done(w, r, pagePath("/operations/verify"), "The store is being verified.")
}

func (u *ui) verifyStop(w http.ResponseWriter, r *http.Request) error {
	u.verifications.stop()
	return done(w, r, pagePath("/operations/verify"), "The verification is told to stop.")
}

// progressEvery is how often a page learns how far a verification is.
const progressEvery = 500 * time.Millisecond

// verifyLive sends how the verification stands whenever that has changed.
func (u *ui) verifyLive(w http.ResponseWriter, r *http.Request) error {
	return u.live(w, r, func(ctx context.Context, f *feed) error {
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		var before []byte
		for ctx.Err() == nil {
			v, changed := u.verifications.look()
			html, err := u.text("verify", "verification", v)
			if err != nil {
				return err
			}
			if !bytes.Equal(html, before) {
				if err := f.send("state", html); err != nil {
					return err
				}
			}
			before = html
			select {
			case <-changed:
			case <-tick.C:
			case <-ctx.Done():
			}
		}
		return nil
	})
}
