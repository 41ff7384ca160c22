package kurrent

import (
	"context"
	"errors"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// A resolver finds the events that links lead to, for one read.
type resolver struct {
	service *Service
	ctx     context.Context
	streams map[string]visibility
}

// mostRemembered is of how many streams a read remembers what can be seen.
const mostRemembered = 1024

// A visibility says which events of a stream the reader may see.
type visibility struct {
	as     cairn.Position // of the log, when it was looked at
	none   bool
	first  cairn.Revision
	maxAge time.Duration
}

// resolve is the event that a link leads to; nil if it cannot be seen. The link is
// what was found: if it was made from the event itself, that is at hand.
func (r *resolver) resolve(at place, link *entry) (*cairn.Recorded, error) {
	if cairn.ValidateStream("stream", at.stream) != nil {
		return nil, nil
	}
	v, err := r.look(at.stream, link.Position)
	if err != nil || v.none || at.revision < v.first {
		return nil, err
	}
	target := link.target
	if target == nil {
		if target, err = r.read(at); target == nil || err != nil {
			return nil, err
		}
	}
	if v.maxAge > 0 && time.Since(target.Time) > v.maxAge {
		return nil, nil
	}
	return target, nil
}

// read reads the one event.
func (r *resolver) read(at place) (*cairn.Recorded, error) {
	o := cairn.ReadOptions{From: at.revision, Before: at.revision + 1, Limit: 1}
	if at.revision == cairn.TombstoneRevision {
		return nil, nil
	}
	for f, err := range r.service.readStream(r.ctx, at.stream, o) {
		if errors.Is(err, cairn.ErrStreamDeleted) {
			return nil, nil
		}
		return &f.Recorded, err
	}
	return nil, nil
}

// look finds out what can be seen of a stream, unless that is known as of a
// position at or behind p.
func (r *resolver) look(stream string, p cairn.Position) (visibility, error) {
	if v, ok := r.streams[stream]; ok && p <= v.as {
		return v, nil
	}
	head, err := r.service.store.Info(r.ctx)
	if err != nil {
		return visibility{}, err
	}
	info, err := r.service.streamInfo(r.ctx, stream)
	if err != nil {
		return visibility{}, err
	}
	v := visibility{as: head.Head, first: info.First, maxAge: info.Metadata.MaxAge}
	v.none = info.State != cairn.StreamLive
	switch err := r.service.mayRead(r.ctx, stream); {
	case errors.Is(err, access.ErrDenied):
		v.none = true
	case err != nil:
		return v, err
	}
	if r.streams == nil || len(r.streams) >= mostRemembered {
		r.streams = map[string]visibility{}
	}
	r.streams[stream] = v
	return v, nil
}
