package ui

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/cairndb/cairn/server/ui/internal/vitals"
)

// series answers with the samples after a moment, in milliseconds since 1970, as
// columns. There are a quarter of an hour of them at most.
func (u *ui) series(w http.ResponseWriter, r *http.Request) error {
	if err := u.access.CheckRole(r.Context()); err != nil {
		return err
	}
	since := time.Time{}
	if text := r.FormValue("since"); text != "" {
		ms, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return wrong("since", "%q is no number of milliseconds since 1970", clip(text, maxBrief))
		}
		since = time.UnixMilli(ms)
	}
	samples, _ := u.vitals.Since(since)
	b, err := json.Marshal(vitals.Columns(samples))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(b) // nobody is left to be told
	return nil
}

// seriesLive sends the samples as they are taken, one at a time.
func (u *ui) seriesLive(w http.ResponseWriter, r *http.Request) error {
	if err := u.access.CheckRole(r.Context()); err != nil {
		return err
	}
	return u.live(w, r, func(ctx context.Context, f *feed) error {
		for last := u.vitals.Latest().At; ; {
			samples, more := u.vitals.Since(last)
			if len(samples) > 0 {
				last = samples[len(samples)-1].At
				if err := sendSamples(f, samples); err != nil {
					return err
				}
			}
			select {
			case <-ctx.Done():
				return nil
			case <-more:
			}
		}
	})
}

func sendSamples(f *feed, samples []vitals.Sample) error {
	b, err := json.Marshal(vitals.Columns(samples))
	if err != nil {
		return err
	}
	return f.send("samples", b)
}
