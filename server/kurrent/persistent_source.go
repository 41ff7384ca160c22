package kurrent

import (
	"context"
	"errors"
	"iter"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/kurrent/persistent"
)

// asServer lets the server read everything. What a consumer may not see is taken
// out when it is sent.
func asServer(ctx context.Context) context.Context {
	return access.With(ctx, access.Principal{Name: "system", Groups: []string{access.Admins}})
}

// openSource opens what a persistent subscription reads.
func (s *Service) openSource(c persistent.Config) (persistent.Source, error) {
	links := linkFollower{s, c.ResolveLinks}
	if c.Stream != allStream {
		return &streamSource{links, c.Stream}, nil
	}
	var f *filter
	if by := c.Filter; by != nil {
		f = &filter{byType: by.ByType}
		if err := f.parse(&streams.ReadReq_Options_FilterOptions_Expression{Regex: by.Regex, Prefix: by.Prefixes}); err != nil {
			return nil, err
		}
	}
	return &logSource{links, f}, nil
}

// A linkFollower follows links for a persistent subscription, if that wants it.
type linkFollower struct {
	service *Service
	resolve bool
}

// entry is what a consumer gets of an event.
func (l *linkFollower) entry(links *resolver, f *entry, p persistent.Place) (e persistent.Entry, err error) {
	e = persistent.Entry{Recorded: f.Recorded, Place: p}
	if !l.resolve {
		return e, nil
	}
	at, ok := parseLink(&f.Recorded)
	if !ok {
		return e, nil
	}
	e.Link = true
	e.Target, err = links.resolve(at, f)
	return e, err
}

func (l *linkFollower) links(ctx context.Context) *resolver {
	return &resolver{service: l.service, ctx: asServer(ctx)}
}

// Resolve implements [persistent.Source]. A link to a parked event is followed
// whatever the subscription wants of others.
func (l *linkFollower) Resolve(ctx context.Context, link cairn.Recorded) (persistent.Entry, error) {
	always := linkFollower{l.service, true}
	return always.entry(l.links(ctx), &entry{Recorded: link}, persistent.Place(link.Revision))
}

// A streamSource is a stream, be it stored or answered from the index.
type streamSource struct {
	linkFollower
	stream string
}

// Follow implements [persistent.Source]. A stream that is closed has an end.
func (s *streamSource) Follow(ctx context.Context, behind persistent.Place, passed func(persistent.Place), live func()) iter.Seq2[persistent.Entry, error] {
	o := cairn.ReadOptions{From: cairn.Revision(behind + 1), Follow: true}
	o.CaughtUp = func(r cairn.Revision) {
		passed(persistent.Place(r))
		live()
	}
	return func(yield func(persistent.Entry, error) bool) {
		links := s.links(ctx)
		for f, err := range s.service.readStream(ctx, s.stream, o) {
			if errors.Is(err, cairn.ErrStreamDeleted) {
				return
			}
			var e persistent.Entry
			if err == nil {
				e, err = s.entry(links, &f, persistent.Place(f.Revision))
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// At implements [persistent.Source].
func (s *streamSource) At(ctx context.Context, p persistent.Place) (persistent.Entry, bool, error) {
	o := cairn.ReadOptions{From: cairn.Revision(p), Before: cairn.Revision(p + 1), Limit: 1}
	for f, err := range s.service.readStream(ctx, s.stream, o) {
		if errors.Is(err, cairn.ErrStreamDeleted) {
			break
		}
		if err != nil {
			return persistent.Entry{}, false, err
		}
		e, err := s.entry(s.links(ctx), &f, p)
		return e, err == nil, err
	}
	return persistent.Entry{}, false, nil
}

// Last implements [persistent.Source].
func (s *streamSource) Last(ctx context.Context) (persistent.Place, error) {
	info, err := s.service.streamInfo(ctx, s.stream)
	return persistent.Place(info.Last), err
}

// A logSource is the log, or what a filter selects of it.
type logSource struct {
	linkFollower
	filter *filter // nil selects all
}

// Follow implements [persistent.Source].
func (s *logSource) Follow(ctx context.Context, behind persistent.Place, passed func(persistent.Place), live func()) iter.Seq2[persistent.Entry, error] {
	o := cairn.AllOptions{After: cairn.Position(max(behind, 0)), Follow: true}
	o.Progress = func(p cairn.Position) { passed(persistent.Place(p)) }
	o.CaughtUp = func(p cairn.Position) {
		passed(persistent.Place(p))
		live()
	}
	return func(yield func(persistent.Entry, error) bool) {
		if s.filter != nil && s.filter.nothing {
			live()
			<-ctx.Done()
			yield(persistent.Entry{}, context.Cause(ctx))
			return
		}
		if s.filter != nil {
			o.Query = s.filter.query
		}
		links := s.links(ctx)
		for r, err := range s.service.store.ReadAll(ctx, o) {
			e, ok := persistent.Entry{}, true
			if err == nil {
				e, ok, err = s.chosen(ctx, links, r)
			}
			if ok && !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// At implements [persistent.Source].
func (s *logSource) At(ctx context.Context, p persistent.Place) (persistent.Entry, bool, error) {
	for r, err := range s.service.store.ReadAll(ctx, cairn.AllOptions{After: cairn.Position(p - 1), Before: cairn.Position(p + 1)}) {
		if err != nil {
			return persistent.Entry{}, false, err
		}
		return s.chosen(ctx, s.links(ctx), r)
	}
	return persistent.Entry{}, false, nil
}

// chosen is what a consumer gets of an event of the log, if it gets it.
func (s *logSource) chosen(ctx context.Context, links *resolver, r cairn.Recorded) (e persistent.Entry, ok bool, err error) {
	if hidden(&r) {
		return e, false, nil
	}
	f := entry{Recorded: r}
	switch {
	case s.filter != nil && s.filter.links != nil:
		v := s.filter.links
		if ok = v.query.Match(&r) && v.belongs(&r); !ok {
			return e, false, nil
		}
		n, err := cairn.Count(ctx, s.service.store, v.query, r.Position)
		if err != nil {
			return e, true, err
		}
		f = v.link(&r, cairn.Revision(n)-1)
	case s.filter != nil:
		if ok, err = s.filter.matches(&r); !ok || err != nil {
			return e, err != nil, err
		}
	}
	e, err = s.entry(links, &f, persistent.Place(r.Position))
	return e, true, err
}

// Last implements [persistent.Source].
func (s *logSource) Last(ctx context.Context) (persistent.Place, error) {
	info, err := s.service.store.Info(ctx)
	return persistent.Place(info.Head), err
}
