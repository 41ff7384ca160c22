package storetest

import (
	"github.com/cairndb/cairn"
)

// keys make any batch idempotent, whatever else it holds.
func keys(k *kit) {
	first := k.commit(keyed("once", "a", "b"))
	same(k, "duplicate", first.Duplicate, false)
	k.delete("a", cairn.SoftDelete)
	tryKeys(k, first)
}

func keysAfterReopening(k *kit) {
	first := k.commit(keyed("once", "a", "b"))
	k.again()
	tryKeys(k, first)
}

func keyed(key string, streams ...string) cairn.Batch {
	b := cairn.Batch{Key: key}
	for _, s := range streams {
		b.Writes = append(b.Writes, cairn.Write{Stream: s, Expected: cairn.Any, Events: events("x", "y")})
	}
	return b
}

func tryKeys(k *kit, first cairn.BatchReceipt) {
	before := k.head()
	for _, b := range []cairn.Batch{
		keyed("once", "a", "b"),
		keyed("once", "elsewhere"),
		keyed("once"),
		{Key: "once", Conditions: []cairn.Condition{cairn.StreamAt("missing", 7)}},
	} {
		again := k.commit(b)
		equal(k, "revisions", again.Revisions, first.Revisions)
		same(k, "position", again.Position, first.Position)
		same(k, "duplicate", again.Duplicate, true)
	}
	same(k, "head", k.head(), before)
	same(k, "another key", k.commit(keyed("twice", "a")).Duplicate, false)
	_, err := k.store.Commit(k.ctx, cairn.Batch{Key: "fails", Conditions: []cairn.Condition{cairn.StreamAt("missing", 7)}})
	same(k, "a conflict", outcome(err), none)
	same(k, "a key whose batch failed", k.commit(keyed("fails", "c")).Duplicate, false)
}

// keysWithoutEvents are remembered as well.
func keysWithoutEvents(k *kit) {
	b := cairn.Batch{Key: "nothing", Conditions: []cairn.Condition{cairn.StreamAt("s", cairn.NoStream)}}
	same(k, "duplicate", k.commit(b).Duplicate, false)
	k.append("s", cairn.NoStream, "the condition fails from now on")
	same(k, "duplicate", k.commit(b).Duplicate, true)
}
