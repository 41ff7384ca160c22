package kurrent

import (
	"math"

	"github.com/cairndb/cairn"
)

// page is how many events KurrentDB looks at before it says where a stream
// begins.
const page = 32

// readStream answers a read of a stream that ends.
func (p *reading) readStream() error {
	info, err := p.service.streamInfo(p.ctx, p.stream)
	switch {
	case err != nil:
		return err
	case info.State == cairn.StreamTombstoned:
		return streamDeleted(p.stream)
	case info.State != cairn.StreamLive || info.Last < 0:
		return p.out.streamNotFound(p.stream)
	}
	if err := p.sendStream(info.Last); err != nil {
		return err
	}
	if p.details {
		return p.out.lastStreamPosition(info.Last)
	}
	return nil
}

// sendStream sends the events of a stream that stands at last.
func (p *reading) sendStream(last cairn.Revision) error {
	o, any := p.streamRange(last)
	if any {
		for f, err := range p.service.readStream(p.ctx, p.stream, o) {
			if err != nil {
				return err
			}
			if err := p.tellFirst(f.Revision); err != nil {
				return err
			}
			if err := p.send(f); err != nil {
				return err
			}
		}
	}
	return p.tellNone(last + 1)
}

// streamRange is the part of the stream that was asked for, and whether there is
// anything in it.
func (p *reading) streamRange(last cairn.Revision) (o cairn.ReadOptions, any bool) {
	o = cairn.ReadOptions{From: p.from(), Before: last + 1, Backward: p.backward, Limit: p.limit}
	if p.backward {
		o.From = 0
		if !p.start.end {
			o.Before = min(p.from(), last) + 1
		}
	}
	return o, o.From < o.Before
}

// from is the revision that was asked for, from the start if none was.
func (p *reading) from() cairn.Revision {
	switch {
	case p.start.end && !p.backward:
		return math.MaxInt64
	case p.start.given:
		return p.start.revision
	}
	return 0
}

// tellFirst tells the client where the stream begins, before the first event, if
// that is a page or more beyond what it asked for.
func (p *reading) tellFirst(first cairn.Revision) error {
	width := cairn.Revision(page)
	if p.limit > 0 {
		width = min(width, cairn.Revision(p.limit))
	}
	if !p.details || p.backward || p.sent > 0 || first-p.from() < width {
		return nil
	}
	return p.out.firstStreamPosition(first)
}

// tellNone does the same where there is no event: the stream goes on at next.
func (p *reading) tellNone(next cairn.Revision) error {
	if !p.details || p.backward || p.sent > 0 || next == p.from() {
		return nil
	}
	return p.out.firstStreamPosition(next)
}
