package storetest

import (
	"context"
	"slices"

	"github.com/cairndb/cairn"
)

// A standing is all there is to know about a stream.
type standing struct {
	events    []cairn.Position // without the tombstone
	tombstone cairn.Position   // zero if there is none

	described    bool // something was written to its metadata stream
	meta         cairn.StreamMetadata
	metaData     []byte // the metadata as it was written
	metaRevision cairn.Revision
	isMeta       bool // it is a metadata stream itself
}

func (s *standing) last() cairn.Revision { return cairn.Revision(len(s.events)) - 1 }

func (s *standing) empty() bool { return len(s.events) == 0 }

func (s *standing) softDeleted() bool { return s.tombstone == 0 && s.meta.SoftDeleted() }

// first is the lowest revision that can be read, age apart.
func (s *standing) first() cairn.Revision {
	end := s.last() + 1
	switch {
	case s.tombstone != 0 || s.softDeleted():
		return end
	case s.isMeta:
		return max(end-1, 0)
	}
	first := s.meta.TruncateBefore
	if n := s.meta.MaxCount; n > 0 {
		first = max(first, end-cairn.Revision(min(n, int64(end))))
	}
	return min(first, end)
}

// look finds out how a stream stands.
func (r *reference) look(stream string) standing {
	s := standing{events: r.streams[stream], metaRevision: cairn.NoStream}
	owner := stream
	if described, ok := cairn.DescribedStream(stream); ok {
		owner, s.isMeta = described, true
	} else {
		r.describe(stream, &s)
	}
	s.tombstone = r.tombstone(owner)
	if s.tombstone != 0 && !s.isMeta {
		s.events = s.events[:len(s.events)-1]
	}
	return s
}

func (r *reference) tombstone(stream string) cairn.Position {
	events := r.streams[stream]
	if n := len(events); n > 0 && r.at(events[n-1]).Revision == cairn.TombstoneRevision {
		return events[n-1]
	}
	return 0
}

// describe finds the stream's metadata: the last event of the right type.
func (r *reference) describe(stream string, s *standing) {
	events := r.streams[cairn.MetadataStream(stream)]
	s.described = len(events) > 0
	s.metaRevision = cairn.Revision(len(events)) - 1
	for _, p := range slices.Backward(events) {
		if e := r.at(p); e.Type == cairn.TypeMetadata {
			s.meta, s.metaData = cairn.ParseStreamMetadata(e.Data), e.Data
			return
		}
	}
}

func (r *reference) StreamInfo(ctx context.Context, stream string) (cairn.StreamInfo, error) {
	if err := cairn.ValidateStream("stream", stream); err != nil {
		return cairn.StreamInfo{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(ctx); err != nil {
		return cairn.StreamInfo{}, err
	}
	s := r.look(stream)
	return cairn.StreamInfo{
		Stream: stream, State: s.state(), Last: s.last(), First: s.first(),
		Metadata: s.meta, MetadataRevision: s.metaRevision,
	}, nil
}

func (s *standing) state() cairn.StreamState {
	switch {
	case s.tombstone != 0:
		return cairn.StreamTombstoned
	case s.softDeleted():
		return cairn.StreamSoftDeleted
	case s.empty():
		return cairn.StreamMissing
	}
	return cairn.StreamLive
}
