package ui

import (
	"context"
	"net/http"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/ndjson"
	"github.com/cairndb/cairn/server/access"
)

// sought is what a request looks for, if the caller may read the log.
func (u *ui) sought(r *http.Request) (s search, v sieve, err error) {
	if err = u.access.Check(r.Context(), access.Read, everything); err != nil {
		return s, v, err
	}
	if s, err = searchOf(r); err != nil {
		return s, v, err
	}
	v, err = s.sieve()
	return s, v, err
}

// exploreLive sends what matches behind what the page has.
func (u *ui) exploreLive(w http.ResponseWriter, r *http.Request) error {
	s, v, err := u.sought(r)
	if err != nil {
		return err
	}
	after, err := since(r)
	if err != nil {
		return err
	}
	o := cairn.AllOptions{After: after, Query: s.query(), NoSystem: !s.System, Follow: true}
	if err := o.Validate(); err != nil {
		return err
	}
	return u.live(w, r, func(ctx context.Context, f *feed) error {
		for e, err := range u.store.ReadAll(ctx, o) {
			if err != nil {
				return err
			}
			if v.passes(&e) {
				if err := u.sendRow(f, "explore", &e, uint64(e.Position)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// exploreExport is what matches, oldest first, as lines that cairn import reads.
func (u *ui) exploreExport(w http.ResponseWriter, r *http.Request) error {
	s, v, err := u.sought(r)
	if err != nil {
		return err
	}
	o := cairn.AllOptions{Query: s.query(), NoSystem: !s.System}
	if err := o.Validate(); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Content-Disposition", `attachment; filename="events.ndjson"`)
	u.export(r.Context(), w, o, &v)
	return nil
}

// export writes lines until it is done or the caller is gone. If the log cannot be
// read the answer is cut off: an end in good order would say that this was all.
// That there is more than an export has is said by a line that no import takes.
func (u *ui) export(ctx context.Context, w http.ResponseWriter, o cairn.AllOptions, v *sieve) {
	var line []byte
	n := 0
	for e, err := range u.store.ReadAll(ctx, o) {
		if err != nil {
			u.o.Logger.Error("an export was cut off", "error", err)
			panic(http.ErrAbortHandler)
		}
		if v.over(&e) || !v.passes(&e) {
			continue
		}
		if n++; n > maxExport {
			line = []byte(`{"error":"there is more than an export has at most; cairn export has no limit"}` + "\n")
		} else {
			line = append(ndjson.AppendPlaced(line[:0], &e), '\n')
		}
		if _, err := w.Write(line); err != nil || n > maxExport {
			return
		}
	}
}
