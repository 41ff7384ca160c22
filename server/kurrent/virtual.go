package kurrent

import (
	"context"
	"crypto/sha1"
	"encoding/json"
	"iter"
	"strings"

	"github.com/cairndb/cairn"
)

// Streams that are answered from the index.
const (
	categoryPrefix = "$ce-"
	typePrefix     = "$et-"
	streamsStream  = "$streams"
)

// A virtual is a stream of links that is not stored: the events that match a
// query, in the order of the log. The revision of a link is the rank of its event
// among those that match. Some of these do not belong to the stream; they are
// left out, and their revisions with them, so that an event's revision never
// changes and is found without reading those before it.
type virtual struct {
	name    string
	query   cairn.Query
	belongs func(*cairn.Recorded) bool
	empty   bool // nothing can match
}

// virtualStream is the stream of a name that is answered from the index, and
// whether it is the name of one.
func virtualStream(name string) (v virtual, ok bool) {
	if !strings.HasPrefix(name, "$") {
		return v, false
	}
	if category, ok := strings.CutPrefix(name, categoryPrefix); ok {
		return categoryStream(name, category), true
	}
	if typ, ok := strings.CutPrefix(name, typePrefix); ok {
		return typeStream(name, typ), true
	}
	if name != streamsStream {
		return v, false
	}
	return virtual{name: name, query: cairn.Query{{First: true}}, belongs: ofUser}, true
}

// categoryStream has the events of the streams of a category. A stream without
// a "-" has none here, though the index knows it as its own.
func categoryStream(name, category string) virtual {
	v := virtual{name: name, query: cairn.ByCategory(category)}
	v.belongs = func(e *cairn.Recorded) bool { return ofUser(e) && len(e.Stream) > len(category) }
	v.empty = v.query.Validate() != nil || strings.HasPrefix(category, "$")
	return v
}

// typeStream has the events of a type, but for links.
func typeStream(name, typ string) virtual {
	v := virtual{name: name, query: cairn.ByType(typ), belongs: ofUserOrMetadata}
	v.empty = v.query.Validate() != nil || typ == typeLink
	return v
}

// ofUser reports whether an event belongs to a stream that is not the system's.
func ofUser(e *cairn.Recorded) bool { return !strings.HasPrefix(e.Stream, "$") }

// ofUserOrMetadata does the same and takes the metadata of such a stream too.
func ofUserOrMetadata(e *cairn.Recorded) bool {
	described, _ := cairn.DescribedStream(e.Stream) // or the stream's own name
	return !strings.HasPrefix(described, "$")
}

// An entry is an event that was read from a stream. If it is a link that was made
// from an event, that is its target.
type entry struct {
	cairn.Recorded
	target *cairn.Recorded
}

// link makes the link to an event of a rank. A link of a user's keeps its target.
func (v *virtual) link(e *cairn.Recorded, rank cairn.Revision) entry {
	f := entry{target: e}
	f.Type, f.Format, f.Time = typeLink, cairn.Binary, e.Time
	f.ID, f.Metadata = linkID(e.ID, v.name), linkMetadata(e)
	f.Stream, f.Revision, f.Position = v.name, rank, e.Position
	if _, ok := parseLink(e); ok {
		f.Data, f.target = e.Data, nil
	} else {
		f.Data = linkTo(e)
	}
	return f
}

// linkID makes the same ID for the same event in the same stream: a UUID of
// version 5.
func linkID(id cairn.ID, stream string) (link cairn.ID) {
	sum := sha1.Sum(append(id[:], stream...))
	copy(link[:], sum[:])
	link[6], link[8] = link[6]&0x0f|0x50, link[8]&0x3f|0x80
	return link
}

// linkMetadata says where the event was and which it is, as the projections of
// KurrentDB do.
func linkMetadata(e *cairn.Recorded) []byte {
	b := append(make([]byte, 0, 70+len(e.Stream)), `{"$o":`...)
	name, _ := json.Marshal(e.Stream) // a string can always be marshalled
	b = append(b, name...)
	b = append(append(b, `,"$causedBy":"`...), e.ID.String()...)
	return append(b, `"}`...)
}

// readStream reads a stream, be it stored or answered from the index.
func (s *Service) readStream(ctx context.Context, stream string, o cairn.ReadOptions) iter.Seq2[entry, error] {
	if v, ok := virtualStream(stream); ok {
		return v.read(ctx, s.store, o)
	}
	return func(yield func(entry, error) bool) {
		for e, err := range s.store.ReadStream(ctx, stream, o) {
			if !yield(entry{Recorded: e}, err) {
				return
			}
		}
	}
}

// streamInfo describes a stream, be it stored or answered from the index.
func (s *Service) streamInfo(ctx context.Context, stream string) (cairn.StreamInfo, error) {
	if v, ok := virtualStream(stream); ok {
		return v.info(ctx, s.store)
	}
	return s.store.StreamInfo(ctx, stream)
}
