package storetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/cairndb/cairn"
)

func (m *model) readOperation() operation {
	stream := m.stream()
	if m.rng.IntN(5) == 0 {
		stream = cairn.MetadataStream(stream)
	}
	last := int(m.standing(stream).Last)
	o := cairn.ReadOptions{Backward: m.rng.IntN(2) == 0}
	if m.rng.IntN(2) == 0 {
		o.From = cairn.Revision(m.rng.IntN(last + 3))
	}
	if m.rng.IntN(3) == 0 {
		o.Limit = 1 + m.rng.IntN(10)
	}
	if !o.Backward && m.rng.IntN(4) == 0 {
		return m.following(stream, o)
	}
	if m.rng.IntN(3) == 0 {
		o.Before = cairn.Revision(m.rng.IntN(last + 4))
	}
	return m.reading(stream, o)
}

func (m *model) reading(stream string, o cairn.ReadOptions) operation {
	return operation{fmt.Sprintf("read %q %+v", stream, o), func(s cairn.Store) (r result) {
		r.events, r.err = cairn.Collect(s.ReadStream(m.ctx, stream, o))
		return r
	}}
}

// following follows a stream until it has caught up.
func (m *model) following(stream string, o cairn.ReadOptions) operation {
	o.Follow = true
	info := m.standing(stream)
	settled := info.State == cairn.StreamLive && o.From <= info.Last+1
	return operation{fmt.Sprintf("follow %q %+v", stream, o), func(s cairn.Store) (r result) {
		ctx, cancel := context.WithCancelCause(m.ctx)
		defer cancel(nil)
		o := o
		o.CaughtUp = func(at cairn.Revision) {
			if settled {
				r.caughtUp = int64(at)
			}
			cancel(errEnough)
		}
		r.events, r.err = cairn.Collect(s.ReadStream(ctx, stream, o))
		return r
	}}
}

func (m *model) readAllOperation() operation {
	o := randomAllOptions(m.rng, m.headNow())
	if !o.Backward && m.rng.IntN(4) == 0 {
		o.Before, o.After = 0, min(o.After, m.headNow())
		return m.followingAll(o)
	}
	if o.Limit == 0 && m.rng.IntN(10) > 0 {
		o.Limit = 50
	}
	return m.readingAll(o)
}

func (m *model) readingAll(o cairn.AllOptions) operation {
	return operation{fmt.Sprintf("read all %+v", o), func(s cairn.Store) (r result) {
		r.events, r.err = cairn.Collect(s.ReadAll(m.ctx, o))
		return r
	}}
}

// followingAll follows the log until it has caught up.
func (m *model) followingAll(o cairn.AllOptions) operation {
	o.Follow = true
	return operation{fmt.Sprintf("follow all %+v", o), func(s cairn.Store) (r result) {
		ctx, cancel := context.WithCancelCause(m.ctx)
		defer cancel(nil)
		o := o
		o.CaughtUp = func(at cairn.Position) {
			r.caughtUp = int64(at)
			cancel(errEnough)
		}
		r.events, r.err = cairn.Collect(s.ReadAll(ctx, o))
		if !errors.Is(r.err, errEnough) {
			r.caughtUp = 0
		}
		return r
	}}
}

func (m *model) infoOperation() operation {
	stream := m.stream()
	if m.rng.IntN(3) == 0 {
		stream = cairn.MetadataStream(stream)
	}
	return m.inspecting(stream)
}

func (m *model) inspecting(stream string) operation {
	return operation{fmt.Sprintf("info of %q", stream), func(s cairn.Store) (r result) {
		if r.info, r.err = s.StreamInfo(m.ctx, stream); r.err != nil {
			return r
		}
		var info cairn.Info
		info, r.err = s.Info(m.ctx)
		r.head = info.Head
		return r
	}}
}
