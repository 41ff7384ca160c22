package ui

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// exploreLive sends what matches from now on.
func (u *ui) exploreLive(w http.ResponseWriter, r *http.Request) error {
	if err := u.access.Check(r.Context(), access.Read, everything); err != nil {
		return err
	}
	s, err := searchOf(r)
	if err != nil {
		return err
	}
	v, err := s.sieve()
	if err != nil {
		return err
	}
	info, err := u.store.Info(r.Context())
	if err != nil {
		return err
	}
	o := cairn.AllOptions{After: info.Head, Query: s.query(), NoSystem: !s.System, Follow: true}
	if err := o.Validate(); err != nil {
		return err
	}
	return u.live(w, r, func(ctx context.Context, f *feed) error {
		for e, err := range u.store.ReadAll(ctx, o) {
			if err != nil {
				return err
			}
			if v.passes(&e) {
				if err := u.sendRow(f, "explore", &e); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// An exported event is a line of an export.
type exported struct {
	Position cairn.Position  `json:"position"`
	Stream   string          `json:"stream"`
	Revision cairn.Revision  `json:"revision"`
	Type     string          `json:"type"`
	ID       cairn.ID        `json:"id"`
	Time     time.Time       `json:"time"`
	Tags     []string        `json:"tags,omitempty"`
	Data     json.RawMessage `json:"data,omitempty"`
	Binary   []byte          `json:"binary,omitempty"` // of data that is no JSON, as base64
	Metadata json.RawMessage `json:"metadata,omitempty"`
}

// exploreExport is what matches, oldest first, a JSON object a line.
func (u *ui) exploreExport(w http.ResponseWriter, r *http.Request) error {
	if err := u.access.Check(r.Context(), access.Read, everything); err != nil {
		return err
	}
	s, err := searchOf(r)
	if err != nil {
		return err
	}
	v, err := s.sieve()
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

// export writes lines until it is done, the caller is gone or the log cannot be
// read; then the file ends with a line that says so.
func (u *ui) export(ctx context.Context, w http.ResponseWriter, o cairn.AllOptions, v *sieve) {
	lines, n := json.NewEncoder(w), 0
	for e, err := range u.store.ReadAll(ctx, o) {
		if err != nil {
			u.o.Logger.Error("an export ended early", "error", err)
			_ = lines.Encode(map[string]string{"error": problemOf(err).Title})
			return
		}
		if v.over(&e) || !v.passes(&e) {
			continue
		}
		if n++; n > maxExport {
			_ = lines.Encode(map[string]string{"error": "there is more than an export has at most; cairn export has no limit"})
			return
		}
		if lines.Encode(lineOf(&e)) != nil {
			return // nobody is there any more
		}
	}
}

func lineOf(e *cairn.Recorded) exported {
	x := exported{Position: e.Position, Stream: e.Stream, Revision: e.Revision, Type: e.Type, ID: e.ID, Time: e.Time, Tags: e.Tags}
	if json.Valid(e.Data) {
		x.Data = e.Data
	} else {
		x.Binary = e.Data
	}
	if json.Valid(e.Metadata) {
		x.Metadata = e.Metadata
	}
	return x
}
