package storetest

import (
	"encoding/json"
	"math"

	"github.com/cairndb/cairn"
)

// softDeletion hides a stream until it is written to again.
func softDeletion(k *kit) {
	k.append("s", cairn.NoStream, "a", "b")
	k.describe("s", cairn.StreamMetadata{MaxCount: 9})
	p := k.delete("s", cairn.SoftDelete)
	same(k, "position", p, 4)
	same(k, "events", len(k.read("s", cairn.ReadOptions{})), 0)
	same(k, "events backward", len(k.read("s", cairn.ReadOptions{Backward: true})), 0)
	info := k.info("s")
	same(k, "state", info.State, cairn.StreamSoftDeleted)
	same(k, "last", info.Last, 1)
	same(k, "first", info.First, 2)
	same(k, "metadata revision", info.MetadataRevision, 1)
	same(k, "soft-deleted", info.Metadata.SoftDeleted(), true)
	same(k, "count", info.Metadata.MaxCount, 0)
	recorded := k.read("$$s", cairn.ReadOptions{})[0]
	same(k, "recorded as", string(recorded.Data), `{"$tb":9223372036854775807}`)
	same(k, "recorded at", recorded.Position, p)
	same(k, "in the log", len(k.all(cairn.AllOptions{})), 4)

	r := k.append("s", cairn.NoStream, "c", "d")
	same(k, "revision", r.Revision, 3)
	same(k, "position", r.Position, 6)
	equal(k, "revisions", revisions(k.read("s", cairn.ReadOptions{})), []cairn.Revision{2, 3})
	info = k.info("s")
	same(k, "state", info.State, cairn.StreamLive)
	same(k, "first", info.First, 2)
	same(k, "truncated before", info.Metadata.TruncateBefore, 2)
	same(k, "metadata revision", info.MetadataRevision, 2)
	dense(k)
}

// softDeletionByHand writes the metadata that means it, and keeps other keys
// through the revival.
func softDeletionByHand(k *kit) {
	k.append("s", cairn.NoStream, "a", "b")
	k.describe("s", cairn.StreamMetadata{
		TruncateBefore: math.MaxInt64, MaxCount: 5,
		ACL:    &cairn.ACL{Read: []string{"me"}},
		Custom: map[string]json.RawMessage{"owner": json.RawMessage(`{"deep":[1,2]}`)},
	})
	same(k, "state", k.info("s").State, cairn.StreamSoftDeleted)
	k.append("s", cairn.Any, "c")
	m := k.info("s").Metadata
	same(k, "truncated before", m.TruncateBefore, 2)
	same(k, "count", m.MaxCount, 5)
	same(k, "custom", string(m.Custom["owner"]), `{"deep":[1,2]}`)
	if m.ACL == nil || len(m.ACL.Read) != 1 {
		k.Errorf("the ACL is %+v", m.ACL)
	}
	equal(k, "revisions", revisions(k.read("s", cairn.ReadOptions{})), []cairn.Revision{2})
}

// revivalByMetadata makes a soft-deleted stream live again without an event.
func revivalByMetadata(k *kit) {
	k.append("s", cairn.NoStream, "a", "b")
	k.delete("s", cairn.SoftDelete)
	r := k.describe("s", cairn.StreamMetadata{MaxCount: 4})
	same(k, "revision of what the caller wrote", r.Revision, 1)
	info := k.info("s")
	same(k, "state", info.State, cairn.StreamLive)
	same(k, "metadata revision", info.MetadataRevision, 2)
	same(k, "truncated before", info.Metadata.TruncateBefore, 2)
	same(k, "count", info.Metadata.MaxCount, 4)
	same(k, "events", len(k.read("s", cairn.ReadOptions{})), 0)
	k.append("s", 1, "c")
	equal(k, "revisions", revisions(k.read("s", cairn.ReadOptions{})), []cairn.Revision{2})

	k.delete("s", cairn.SoftDelete)
	k.describe("s", cairn.StreamMetadata{TruncateBefore: math.MaxInt64, MaxCount: 3})
	same(k, "deleted by hand once more", k.info("s").State, cairn.StreamSoftDeleted)
}

// revivalByNothing makes a soft-deleted stream live by an append without events.
func revivalByNothing(k *kit) {
	k.append("s", cairn.NoStream, "a", "b")
	k.delete("s", cairn.SoftDelete)
	r := k.append("s", cairn.NoStream)
	same(k, "revision", r.Revision, 1)
	same(k, "position", r.Position, 0)
	same(k, "state", k.info("s").State, cairn.StreamLive)
	same(k, "events", len(k.read("s", cairn.ReadOptions{})), 0)
	_, err := k.store.Append(k.ctx, "s", cairn.NoStream, events("x")...)
	same(k, "no stream is expected again", outcome(err), "conflict: 1")
}

// softDeletionAgain deletes and revives over and over.
func softDeletionAgain(k *kit) {
	at := cairn.NoStream
	for range 4 {
		at = k.append("s", at, "a", "b").Revision
		k.delete("s", cairn.SoftDelete)
		k.delete("s", cairn.SoftDelete)
		same(k, "events", len(k.read("s", cairn.ReadOptions{})), 0)
	}
	same(k, "last", at, 7)
	dense(k)
}

// tombstones close a stream and its metadata for good.
func tombstones(k *kit) {
	k.append("s", cairn.NoStream, "a", "b")
	k.describe("s", cairn.StreamMetadata{MaxCount: 9})
	p := k.delete("s", cairn.Tombstone)
	for range 2 {
		info := k.info("s")
		same(k, "state", info.State, cairn.StreamTombstoned)
		same(k, "last", info.Last, 1)
		same(k, "state of the metadata", k.info("$$s").State, cairn.StreamTombstoned)
		closedForGood(k, "s")
		closedForGood(k, "$$s")
		if !k.lack(Reopening) {
			k.again()
		}
	}
	newest := k.all(cairn.AllOptions{Backward: true, Limit: 1})[0]
	same(k, "position", newest.Position, p)
	same(k, "stream", newest.Stream, "s")
	same(k, "type", newest.Type, cairn.TypeStreamDeleted)
	same(k, "revision", newest.Revision, cairn.TombstoneRevision)
	same(k, "in the log", len(k.all(cairn.AllOptions{})), 4)
}

func closedForGood(k *kit, stream string) {
	k.Helper()
	for _, o := range []cairn.ReadOptions{{}, {Backward: true}, {Follow: true}, {From: 9, Limit: 1}} {
		got, err := cairn.Collect(k.store.ReadStream(k.ctx, stream, o))
		deleted(k, "read", err, stream, true)
		same(k, "events", len(got), 0)
	}
	for _, e := range append(expected, cairn.TombstoneRevision) {
		_, err := k.store.Append(k.ctx, stream, e, events("x")...)
		deleted(k, "append", err, stream, true)
		_, err = k.store.Append(k.ctx, stream, e)
		deleted(k, "append of nothing", err, stream, true)
	}
}

// deletionsReachFollowers: a soft deletion goes by unseen, a tombstone is the
// last event.
func deletionsReachFollowers(k *kit) {
	k.append("s", cairn.NoStream, "a")
	f := k.followStream("s", cairn.ReadOptions{})
	steps(k, f, "event 0", "caught up 0")
	k.delete("s", cairn.SoftDelete)
	k.append("s", cairn.NoStream, "b")
	steps(k, f, "event 1", "caught up 1")
	k.delete("s", cairn.Tombstone)
	last := f.event()
	same(k, "type", last.Type, cairn.TypeStreamDeleted)
	same(k, "revision", last.Revision, cairn.TombstoneRevision)
	deleted(k, "follow", f.failure(), "s", true)
}
