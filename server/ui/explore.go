package ui

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"time"

	"github.com/cairndb/cairn"
)

func (u *ui) explorePages() []page {
	return []page{{"GET /explore", u.explore}, {"GET /explore/live", u.exploreLive}, {"GET /explore/export", u.exploreExport}}
}

// examined is how many events one page looks at for a field of their data, which no
// index knows; the next page goes on from there.
const examined = 10_000

// maxExport is how many events an export has at most.
const maxExport = 100_000

// A search is what the page asks the log for, as its URL says it.
type search struct {
	Type, Category, Tag, Correlation string
	Field, Value                     string // of the data, as JSON: "customer.name"
	Since, Until                     string
	Before                           cairn.Position // where the page goes on
	System                           bool
}

// An exploration is what the page shows: events, newest first.
type exploration struct {
	search
	Rows   []row
	Older  string         // the next page, if there may be one
	Query  template.URL   // to share, and for the export
	Follow cairn.Position // behind which the page goes on by itself
	Says   string         // how far was looked
}

func searchOf(r *http.Request) (s search, err error) {
	q := r.URL.Query()
	s = search{
		Type: q.Get("type"), Category: q.Get("category"), Tag: q.Get("tag"), Correlation: q.Get("correlation"),
		Field: strings.TrimSpace(q.Get("field")), Value: q.Get("value"), Since: q.Get("since"), Until: q.Get("until"), System: q.Has("system"),
	}
	s.Before, err = position("before", q.Get("before"))
	return s, err
}

// query is what an index can find.
func (s *search) query() cairn.Query {
	var f cairn.Filter
	if s.Type != "" {
		f.Types = strings.Fields(strings.ReplaceAll(s.Type, ",", " "))
	}
	if s.Category != "" {
		f.Categories = strings.Fields(strings.ReplaceAll(s.Category, ",", " "))
	}
	if s.Tag != "" {
		f.Tags = append(f.Tags, s.Tag)
	}
	if s.Correlation != "" {
		f.Tags = append(f.Tags, cairn.CorrelationTag(s.Correlation))
	}
	if f.Types == nil && f.Categories == nil && f.Tags == nil {
		return nil
	}
	return cairn.Query{f}
}

// A sieve is what no index knows.
type sieve struct {
	path         []string
	value        string
	since, until time.Time
}

func (s *search) sieve() (v sieve, err error) {
	if s.Field != "" {
		v.path, v.value = strings.Split(s.Field, "."), s.Value
	}
	if s.Since != "" {
		if v.since, err = parseMoment("since", s.Since); err != nil {
			return v, err
		}
	}
	if s.Until != "" {
		v.until, err = parseMoment("until", s.Until)
	}
	return v, err
}

// passes reports whether an event passes.
func (v *sieve) passes(e *cairn.Recorded) bool {
	if !v.until.IsZero() && e.Time.After(v.until) {
		return false
	}
	if v.path == nil {
		return true
	}
	return fieldIs(e.Data, v.path, v.value)
}

// over reports whether what is older than an event is of no interest.
func (v *sieve) over(e *cairn.Recorded) bool { return !v.since.IsZero() && e.Time.Before(v.since) }

// fieldIs reports whether the data is JSON that has a value at a path. Without a
// value to compare with it is enough that something is there.
func fieldIs(data []byte, path []string, value string) bool {
	for _, name := range path {
		var object map[string]json.RawMessage
		if json.Unmarshal(data, &object) != nil || object[name] == nil {
			return false
		}
		data = object[name]
	}
	var text string
	if json.Unmarshal(data, &text) != nil {
		text = string(data)
	}
	return value == "" || text == value
}

func (u *ui) explore(w http.ResponseWriter, r *http.Request) error {
	s, v, err := u.sought(r)
	if err != nil {
		return err
	}
	info, err := u.store.Info(r.Context())
	if err != nil {
		return err
	}
	x := exploration{search: s, Follow: info.Head}
	if err := u.find(r.Context(), &x, &v); err != nil {
		return err
	}
	q := r.URL.Query()
	q.Del("before")
	x.Query = template.URL(q.Encode())
	return u.render(w, r, "explore", view{Title: "Explore", Section: "explore", Data: x})
}

// find reads backward until a page is full, or as far as one page looks.
func (u *ui) find(ctx context.Context, x *exploration, v *sieve) error {
	o := cairn.AllOptions{Before: x.Before, Backward: true, Query: x.query(), NoSystem: !x.System, Limit: examined}
	if err := o.Validate(); err != nil {
		return err
	}
	if !v.until.IsZero() {
		before, err := u.laterThan(ctx, v.until, x.System)
		if err != nil {
			return err
		}
		o.Before = before
		if x.Before != 0 {
			o.Before = min(before, x.Before)
		}
	}
	looked := 0
	for e, err := range u.store.ReadAll(ctx, o) {
		if err != nil {
			return err
		}
		if v.over(&e) {
			return nil
		}
		if len(x.Rows) == eventsShown {
			x.Older = x.page(x.Rows[len(x.Rows)-1].Position)
			return nil
		}
		if looked++; v.passes(&e) {
			x.Rows = append(x.Rows, rowOf(&e))
		}
		if looked == examined {
			x.Older, x.Says = x.page(e.Position), fmt.Sprintf("%s events were looked at, back to position %s.", grouped(looked), grouped(e.Position))
		}
	}
	return nil
}

// laterThan is the position of the first event that is later than a moment: by
// bisection, because times rise along the log unless somebody has imported others.
func (u *ui) laterThan(ctx context.Context, moment time.Time, system bool) (cairn.Position, error) {
	info, err := u.store.Info(ctx)
	if err != nil {
		return 0, err
	}
	n := sort.Search(int(info.Head), func(i int) bool {
		for e, failed := range u.store.ReadAll(ctx, cairn.AllOptions{After: cairn.Position(i), Limit: 1, NoSystem: !system}) {
			if failed != nil {
				err = failed
				return true
			}
			return e.Time.After(moment)
		}
		return true
	})
	return cairn.Position(n) + 1, err
}

// page is the path of what is older than a position.
func (s *search) page(before cairn.Position) string {
	q := s.values()
	q.Set("before", fmt.Sprint(before))
	return pagePath("/explore") + "?" + q.Encode()
}

func (s *search) values() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{
		"type": s.Type, "category": s.Category, "tag": s.Tag, "correlation": s.Correlation, "field": s.Field, "value": s.Value, "since": s.Since, "until": s.Until,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if s.System {
		q.Set("system", "on")
	}
	return q
}
