package ui

import (
	"context"
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// eventsShown is how many events a page of a stream has.
const eventsShown = 30

// A streamPage is what the page of a stream shows: its events, newest first.
type streamPage struct {
	Info     cairn.StreamInfo
	State    string
	Metadata content // of the stream, if it has any
	Rows     []row
	Newer    *cairn.Revision // where the page of newer events begins, if there is one
	Older    *cairn.Revision
	At       string // the moment that was asked for
	Newest   bool   // it shows the last event, so further ones follow it
	Follow   cairn.Revision
	MayWrite bool
	MayErase bool
	MayCut   bool // truncate it, which its metadata says
}

// streamOf is the stream that a request is about, if the caller may do something
// to it.
func (u *ui) streamOf(r *http.Request, a access.Action) (string, error) {
	stream := unescapeSegment(r.PathValue("stream"))
	if err := cairn.ValidateStream("stream", stream); err != nil {
		return "", err
	}
	return stream, u.access.Check(r.Context(), a, stream)
}

// may reports whether the caller is allowed something, for what a page offers.
func (u *ui) may(r *http.Request, a access.Action, stream string) bool {
	return u.access.Check(r.Context(), a, stream) == nil
}

func (u *ui) stream(w http.ResponseWriter, r *http.Request) error {
	stream, err := u.streamOf(r, access.Read)
	if err != nil {
		return err
	}
	info, err := u.store.StreamInfo(r.Context(), stream)
	if err != nil {
		return err
	}
	if info.State == cairn.StreamMissing && info.Last == cairn.NoStream {
		return notThere("Nothing was ever written to the stream %q.", stream)
	}
	p := streamPage{
		Info: info, State: info.State.String(), At: r.FormValue("at"),
		MayWrite: u.may(r, access.Write, stream), MayErase: u.may(r, access.Delete, stream), MayCut: u.may(r, access.MetaWrite, stream),
	}
	before, err := u.upTo(r, &info)
	if err != nil {
		return err
	}
	if err := u.fill(r.Context(), &p, before); err != nil {
		return err
	}
	return u.render(w, r, "stream", view{Title: stream, Section: "streams", Data: p})
}

// upTo is the revision before which the page ends: what was asked for by revision
// or by moment, or the end.
func (u *ui) upTo(r *http.Request, info *cairn.StreamInfo) (cairn.Revision, error) {
	end := info.Last + 1
	if at := r.FormValue("at"); at != "" {
		moment, err := parseMoment("at", at)
		if err != nil {
			return 0, err
		}
		return u.firstAfter(r.Context(), info, moment)
	}
	to, err := position("to", r.FormValue("to"))
	if err != nil || r.FormValue("to") == "" {
		return end, err
	}
	return min(cairn.Revision(to)+1, end), nil
}

// moments are how a time may be written: as forms send it, or in full.
var moments = []string{time.RFC3339Nano, "2006-01-02T15:04:05.000", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05.000", "2006-01-02 15:04:05", "2006-01-02"}

func parseMoment(field, s string) (time.Time, error) {
	for _, layout := range moments {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, wrong(field, "%.40q is not a moment such as 2026-11-23T09:30:00 (UTC)", s)
}

// firstAfter is the first revision that is later than a moment: by bisection,
// because the times of a stream rise with its revisions unless somebody has
// imported others.
func (u *ui) firstAfter(ctx context.Context, info *cairn.StreamInfo, moment time.Time) (cairn.Revision, error) {
	var failed error
	n := sort.Search(int(info.Last+1-info.First), func(i int) bool {
		at := info.First + cairn.Revision(i)
		for e, err := range u.store.ReadStream(ctx, info.Stream, cairn.ReadOptions{From: at, Limit: 1}) {
			if err != nil {
				failed = err
				return true
			}
			return e.Time.After(moment)
		}
		return true
	})
	return info.First + cairn.Revision(n), failed
}

// fill reads the events before a revision, newest first.
func (u *ui) fill(ctx context.Context, p *streamPage, before cairn.Revision) error {
	if p.Info.State == cairn.StreamLive && before > 0 {
		o := cairn.ReadOptions{Before: before, Backward: true, Limit: eventsShown + 1}
		for e, err := range u.store.ReadStream(ctx, p.Info.Stream, o) {
			if err != nil {
				return err
			}
			if len(p.Rows) == eventsShown {
				p.Older = &e.Revision
				break
			}
			p.Rows = append(p.Rows, rowOf(&e))
		}
	}
	p.Newest, p.Follow = before > p.Info.Last, p.Info.Last+1
	if !p.Newest {
		newer := min(before+eventsShown-1, p.Info.Last)
		p.Newer = &newer
	}
	return p.describe()
}

// describe shows the stream's metadata as it was written.
func (p *streamPage) describe() error {
	if p.Info.MetadataRevision == cairn.NoStream {
		return nil
	}
	b, err := p.Info.Metadata.MarshalJSON()
	if err != nil {
		return fmt.Errorf("ui: metadata of %q: %w", p.Info.Stream, err)
	}
	p.Metadata = readable(b)
	return nil
}

// streamLive sends the events that come after a revision, one line each.
func (u *ui) streamLive(w http.ResponseWriter, r *http.Request) error {
	stream, err := u.streamOf(r, access.Read)
	if err != nil {
		return err
	}
	after, err := since(r)
	if err != nil {
		return err
	}
	return u.live(w, r, func(ctx context.Context, f *feed) error {
		for e, err := range u.store.ReadStream(ctx, stream, cairn.ReadOptions{From: cairn.Revision(after), Follow: true}) {
			if err != nil {
				return err
			}
			if err := u.sendRow(f, "stream", &e, uint64(e.Revision)+1); err != nil {
				return err
			}
		}
		return nil
	})
}

// sendRow sends an event as a line of a page's list, and where to go on after it.
func (u *ui) sendRow(f *feed, page string, e *cairn.Recorded, after uint64) error {
	line := rowOf(e)
	line.Fresh = true
	html, err := u.text(page, "row", line)
	if err != nil {
		return err
	}
	if err := f.send("row", html); err != nil {
		return err
	}
	return f.mark(strconv.FormatUint(after, 10))
}
