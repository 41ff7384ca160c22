package ui

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// everything is the name under which reading the log is allowed.
const everything = "$all"

func (u *ui) streamPages() []page {
	return []page{
		{"GET /streams", u.streams},
		{"GET /streams/{stream}", u.stream},
		{"GET /streams/{stream}/live", u.streamLive},
		{"GET /streams/{stream}/state", u.streamState},
		{"POST /streams/{stream}/append", u.streamAppend},
		{"GET /streams/{stream}/delete", u.streamDeleteAsk},
		{"POST /streams/{stream}/delete", u.streamDelete},
		{"GET /streams/{stream}/truncate", u.streamTruncateAsk},
		{"POST /streams/{stream}/truncate", u.streamTruncate},
	}
}

// How many of something a page shows, and how many events it looks at to find
// those that were written lately.
const (
	streamsShown = 50
	lookedAt     = 400
)

// A streamLine is a stream in a list.
type streamLine struct {
	Stream  string
	State   string
	Events  int64 // that were written, whether or not they can be read
	Written time.Time
}

// A streamList is what the page of streams shows: those that were written lately,
// or, if something was asked for, those that began first.
type streamList struct {
	Prefix, Category string
	System           bool
	Lines            []streamLine
	Next             string // the page after this one, if there is one
	First            bool   // of a search
	Lately           bool
}

func (u *ui) streams(w http.ResponseWriter, r *http.Request) error {
	if err := u.access.Check(r.Context(), access.Read, everything); err != nil {
		return err
	}
	q := r.URL.Query()
	list := streamList{Prefix: q.Get("prefix"), Category: q.Get("category"), System: q.Has("system")}
	list.Lately = list.Prefix == "" && list.Category == ""
	after, err := position("after", q.Get("after"))
	if err != nil {
		return err
	}
	list.First = after == 0
	if list.Lately {
		err = u.writtenLately(r.Context(), &list)
	} else {
		err = u.searchStreams(r.Context(), &list, after)
	}
	if err != nil {
		return err
	}
	return u.render(w, r, "streams", view{Title: "Streams", Section: "streams", Data: list})
}

// position reads a position from a form; an empty one is zero.
func position(field, s string) (cairn.Position, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil {
		return 0, wrong(field, "%.40q is not a position, which is a whole number from 0", s)
	}
	return cairn.Position(n), nil
}

// writtenLately lists the streams of the latest events.
func (u *ui) writtenLately(ctx context.Context, list *streamList) error {
	seen := map[string]bool{}
	for e, err := range u.store.ReadAll(ctx, cairn.AllOptions{Backward: true, Limit: lookedAt, NoSystem: !list.System}) {
		if err != nil {
			return err
		}
		if seen[e.Stream] {
			continue
		}
		seen[e.Stream] = true
		if err := u.addLine(ctx, list, e.Stream, e.Time); err != nil {
			return err
		}
		if len(list.Lines) == streamsShown {
			return nil
		}
	}
	return nil
}

// searchStreams lists streams in the order in which they began.
func (u *ui) searchStreams(ctx context.Context, list *streamList, after cairn.Position) error {
	filter := cairn.Filter{First: true}
	if list.Prefix != "" {
		filter.Prefixes = []string{list.Prefix}
	}
	if list.Category != "" {
		filter.Categories = []string{list.Category}
	}
	o := cairn.AllOptions{After: after, Limit: streamsShown + 1, Query: cairn.Query{filter}}
	if err := o.Validate(); err != nil {
		return err
	}
	for e, err := range u.store.ReadAll(ctx, o) {
		if err != nil {
			return err
		}
		if len(list.Lines) == streamsShown {
			list.Next = list.page(after)
			return nil
		}
		after = e.Position
		if err := u.addLine(ctx, list, e.Stream, e.Time); err != nil {
			return err
		}
	}
	return nil
}

// page is the path of the list after a position.
func (l *streamList) page(after cairn.Position) string {
	q := url.Values{"after": {fmt.Sprint(after)}}
	if l.Prefix != "" {
		q.Set("prefix", l.Prefix)
	}
	if l.Category != "" {
		q.Set("category", l.Category)
	}
	return pagePath("/streams") + "?" + q.Encode()
}

func (u *ui) addLine(ctx context.Context, list *streamList, stream string, at time.Time) error {
	info, err := u.store.StreamInfo(ctx, stream)
	if err != nil {
		return err
	}
	list.Lines = append(list.Lines, streamLine{stream, info.State.String(), int64(info.Last) + 1, at})
	return nil
}
