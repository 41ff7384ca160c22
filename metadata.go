package cairn

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// The event types that the system gives a meaning to.
const (
	// TypeMetadata is the type of the events of a metadata stream. Their Data
	// is a [StreamMetadata] as JSON.
	TypeMetadata = "$metadata"
	// TypeStreamDeleted is the type of the event that closes a stream.
	TypeStreamDeleted = "$streamDeleted"
)

// metaPrefix begins the names of metadata streams.
const metaPrefix = "$$"

// MetadataStream is the name of the stream that holds another's metadata. Only
// its last event can be read. A metadata stream has none of its own.
func MetadataStream(stream string) string { return metaPrefix + stream }

// DescribedStream is the inverse of [MetadataStream]: the stream that a
// metadata stream describes, and whether the name is that of one.
func DescribedStream(name string) (stream string, ok bool) {
	return strings.CutPrefix(name, metaPrefix)
}

// StreamMetadata says which events of a stream can be read, and carries what
// the application wants to know about it. It is stored as JSON, with the keys
// of the KurrentDB protocol.
type StreamMetadata struct {
	MaxAge         time.Duration // "$maxAge": hide older events; whole seconds, zero is no limit
	MaxCount       int64         // "$maxCount": hide all but the last so many; zero is no limit
	TruncateBefore Revision      // "$tb": hide events before this revision
	CacheControl   time.Duration // "$cacheControl": how long a reader over HTTP may cache; whole seconds
	ACL            *ACL          // "$acl": who may do what; nil means the store's defaults

	// Custom holds every other key.
	Custom map[string]json.RawMessage
}

// An ACL says which users and groups may do what. A nil list means the
// default, an empty one administrators only.
type ACL struct {
	Read      []string
	Write     []string
	Delete    []string
	MetaRead  []string
	MetaWrite []string
}

// tbDeleted in "$tb" means that the stream is soft-deleted.
const tbDeleted Revision = math.MaxInt64

// SoftDeleted reports whether the metadata is that of a soft-deleted stream.
func (m *StreamMetadata) SoftDeleted() bool { return m.TruncateBefore == tbDeleted }

// MarshalJSON writes the keys of the KurrentDB protocol, custom ones after
// those of the system.
func (m StreamMetadata) MarshalJSON() ([]byte, error) {
	all := maps.Clone(m.Custom)
	if all == nil {
		all = map[string]json.RawMessage{}
	}
	number := func(key string, n int64) {
		if n != 0 {
			all[key] = json.RawMessage(fmt.Sprint(n))
		}
	}
	number("$maxAge", wholeSeconds(m.MaxAge))
	number("$maxCount", m.MaxCount)
	number("$tb", int64(m.TruncateBefore))
	number("$cacheControl", wholeSeconds(m.CacheControl))
	if m.ACL != nil {
		acl, err := json.Marshal(m.ACL.lists())
		if err != nil {
			return nil, err
		}
		all["$acl"] = acl
	}
	return json.Marshal(all)
}

// wholeSeconds rounds up, so that no age becomes "no limit".
func wholeSeconds(d time.Duration) int64 {
	n := int64(d / time.Second)
	if d%time.Second > 0 {
		n++
	}
	return n
}

func (a *ACL) lists() map[string][]string {
	all := map[string][]string{"$r": a.Read, "$w": a.Write, "$d": a.Delete, "$mr": a.MetaRead, "$mw": a.MetaWrite}
	maps.DeleteFunc(all, func(_ string, list []string) bool { return list == nil })
	return all
}

// UnmarshalJSON reads what MarshalJSON writes, and what KurrentDB's clients
// write. Non-positive limits and values of the wrong kind are ignored, as that
// server does.
func (m *StreamMetadata) UnmarshalJSON(b []byte) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		return fmt.Errorf("cairn: stream metadata: %w", err)
	}
	*m = StreamMetadata{
		MaxAge:         seconds(take(all, "$maxAge")),
		MaxCount:       positive(take(all, "$maxCount")),
		TruncateBefore: Revision(positive(take(all, "$tb"))),
		CacheControl:   seconds(take(all, "$cacheControl")),
		ACL:            parseACL(take(all, "$acl")),
	}
	if len(all) > 0 {
		m.Custom = all
	}
	return nil
}

func take(all map[string]json.RawMessage, key string) json.RawMessage {
	v := all[key]
	delete(all, key)
	return v
}

func positive(v json.RawMessage) (n int64) {
	if json.Unmarshal(v, &n) != nil || n < 0 {
		return 0
	}
	return n
}

// seconds caps at what a Duration can hold, some 292 years.
func seconds(v json.RawMessage) time.Duration {
	return time.Duration(min(positive(v), math.MaxInt64/int64(time.Second))) * time.Second
}

func parseACL(v json.RawMessage) *ACL {
	var lists map[string]json.RawMessage
	if len(v) == 0 || json.Unmarshal(v, &lists) != nil || lists == nil {
		return nil
	}
	return &ACL{
		Read:      names(lists["$r"]),
		Write:     names(lists["$w"]),
		Delete:    names(lists["$d"]),
		MetaRead:  names(lists["$mr"]),
		MetaWrite: names(lists["$mw"]),
	}
}

// names reads a list, or a single string.
func names(v json.RawMessage) []string {
	var one string
	if json.Unmarshal(v, &one) == nil && len(v) > 0 && v[0] == '"' {
		return []string{one}
	}
	var list []string
	if json.Unmarshal(v, &list) != nil {
		return nil
	}
	return slices.Clip(list)
}

// ParseStreamMetadata reads the Data of a metadata event. What is not a JSON
// object is treated as empty, as KurrentDB does.
func ParseStreamMetadata(data []byte) (m StreamMetadata) {
	if m.UnmarshalJSON(data) != nil {
		return StreamMetadata{}
	}
	return m
}

// SetMetadata replaces a stream's metadata. The metadata itself must stand at
// expected: see StreamInfo.MetadataRevision. Setting the metadata of a
// soft-deleted stream makes it live again, with its old events hidden.
func SetMetadata(ctx context.Context, s Appender, stream string, expected Revision, m StreamMetadata) (Receipt, error) {
	data, err := json.Marshal(m)
	if err != nil {
		return Receipt{}, fmt.Errorf("cairn: metadata of stream %q: %w", stream, err)
	}
	return s.Append(ctx, MetadataStream(stream), expected, Event{Type: TypeMetadata, Data: data})
}

// Truncate hides the events of a stream before a revision. The rest of its
// metadata stays. A concurrent change of the metadata is a [*ConflictError].
func Truncate(ctx context.Context, s interface {
	Appender
	Inspector
}, stream string, before Revision) (Receipt, error) {
	info, err := s.StreamInfo(ctx, stream)
	if err != nil {
		return Receipt{}, err
	}
	info.Metadata.TruncateBefore = before
	return SetMetadata(ctx, s, stream, info.MetadataRevision, info.Metadata)
}

// DeleteStream soft-deletes a stream: see [SoftDelete]. A stream that never
// existed is a [*ConflictError], whatever is expected.
func DeleteStream(ctx context.Context, s Committer, stream string, expected Revision) (Position, error) {
	return deleteStream(ctx, s, stream, expected, SoftDelete)
}

// TombstoneStream closes a stream for good: see [Tombstone]. The stream need
// not exist.
func TombstoneStream(ctx context.Context, s Committer, stream string, expected Revision) (Position, error) {
	return deleteStream(ctx, s, stream, expected, Tombstone)
}

func deleteStream(ctx context.Context, s Committer, stream string, expected Revision, how Deletion) (Position, error) {
	r, err := s.Commit(ctx, Batch{Writes: []Write{{Stream: stream, Expected: expected, Delete: how}}})
	return r.Position, err
}
