package storetest

import (
	"errors"
	"fmt"

	"github.com/cairndb/cairn"
)

// expected are the expectations of the tables below, in the order of their
// columns. Streams that have events stand at revision 2.
var expected = []cairn.Revision{cairn.Any, cairn.NoStream, cairn.StreamExists, 0, 2, 7}

// A situation is a state that a stream can be in, and what then becomes of a
// write with each expectation.
type situation struct {
	name     string
	make     func(k *kit, stream string)
	last     cairn.Revision
	outcomes [6]string
}

const (
	ok     = "ok"
	none   = "conflict: no stream"
	at2    = "conflict: 2"
	soft   = "deleted"
	closed = "closed for good"
)

func situations() []situation {
	three := func(k *kit, stream string) { k.append(stream, cairn.NoStream, "a", "b", "c") }
	describe := func(k *kit, stream string) { k.describe(stream, cairn.StreamMetadata{MaxCount: 10}) }
	return []situation{
		{"missing", func(*kit, string) {}, cairn.NoStream, [6]string{ok, ok, none, none, none, none}},
		{"described", describe, cairn.NoStream, [6]string{ok, ok, ok, none, none, none}},
		{"live", three, 2, [6]string{ok, at2, ok, at2, ok, at2}},
		{"live and hidden", func(k *kit, stream string) {
			three(k, stream)
			k.describe(stream, cairn.StreamMetadata{TruncateBefore: 3})
		}, 2, [6]string{ok, at2, ok, at2, ok, at2}},
		{"soft-deleted", func(k *kit, stream string) {
			three(k, stream)
			k.delete(stream, cairn.SoftDelete)
		}, 2, [6]string{ok, ok, soft, at2, ok, at2}},
		{"described and soft-deleted", func(k *kit, stream string) {
			describe(k, stream)
			k.delete(stream, cairn.SoftDelete)
		}, cairn.NoStream, [6]string{ok, ok, soft, none, none, none}},
		{"live again", func(k *kit, stream string) {
			k.append(stream, cairn.NoStream, "a", "b")
			k.delete(stream, cairn.SoftDelete)
			k.append(stream, cairn.NoStream, "c")
		}, 2, [6]string{ok, at2, ok, at2, ok, at2}},
		{"tombstoned", func(k *kit, stream string) {
			three(k, stream)
			k.delete(stream, cairn.Tombstone)
		}, 2, [6]string{closed, closed, closed, closed, closed, closed}},
		{"tombstoned before it existed", func(k *kit, stream string) {
			k.delete(stream, cairn.Tombstone)
		}, cairn.NoStream, [6]string{closed, closed, closed, closed, closed, closed}},
	}
}

// outcome says in a few words what became of a write.
func outcome(err error) string {
	if e, ok := errors.AsType[*cairn.ConflictError](err); ok {
		return fmt.Sprint("conflict: ", e.Actual)
	}
	if e, ok := errors.AsType[*cairn.DeletedError](err); ok && e.Tombstone {
		return closed
	} else if ok {
		return soft
	}
	if err != nil {
		return err.Error()
	}
	return ok
}

// try writes with every expectation to streams in every situation. The write
// answers whether it left what it should.
func try(k *kit, overrule map[string][6]string, write func(stream string, expected cairn.Revision) error, verify func(what, stream string, last cairn.Revision)) {
	for _, s := range situations() {
		want := s.outcomes
		if o, ok := overrule[s.name]; ok {
			want = o
		}
		for i, e := range expected {
			stream := fmt.Sprintf("%s-%d", s.name, i)
			what := fmt.Sprintf("stream %s, expecting %v", s.name, e)
			s.make(k, stream)
			before := k.head()
			got := outcome(write(stream, e))
			same(k, what, got, want[i])
			if got == ok {
				verify(what, stream, s.last)
			} else {
				same(k, what+": head after a failure", k.head(), before)
			}
		}
	}
}

func expectationsOfAppend(k *kit) {
	var receipt cairn.Receipt
	try(k, nil, func(stream string, expected cairn.Revision) (err error) {
		receipt, err = k.store.Append(k.ctx, stream, expected, events("x", "y")...)
		return err
	}, func(what, stream string, last cairn.Revision) {
		same(k, what+": revision", receipt.Revision, last+2)
		same(k, what+": duplicate", receipt.Duplicate, false)
		newest := k.read(stream, cairn.ReadOptions{From: last + 1})
		equal(k, what+": events", types(newest), []string{"x", "y"})
		equal(k, what+": revisions", revisions(newest), []cairn.Revision{last + 1, last + 2})
		same(k, what+": state", k.info(stream).State, cairn.StreamLive)
	})
}

func expectationsOfNothing(k *kit) {
	var receipt cairn.Receipt
	try(k, nil, func(stream string, expected cairn.Revision) (err error) {
		receipt, err = k.store.Append(k.ctx, stream, expected)
		return err
	}, func(what, stream string, last cairn.Revision) {
		same(k, what+": revision", receipt.Revision, last)
		same(k, what+": position", receipt.Position, 0)
		same(k, what+": last", k.info(stream).Last, last)
		if got := k.info(stream).State; got == cairn.StreamSoftDeleted {
			k.Errorf("%s: a write left the stream %v", what, got)
		}
	})
}

func expectationsInBatch(k *kit) {
	var receipt cairn.BatchReceipt
	try(k, nil, func(stream string, expected cairn.Revision) (err error) {
		receipt, err = k.store.Commit(k.ctx, cairn.Batch{Writes: []cairn.Write{
			{Stream: "another", Expected: cairn.Any, Events: events("x")},
			{Stream: stream, Expected: expected, Events: events("y")},
			{Stream: stream, Expected: expected, Events: events("z")},
		}})
		return err
	}, func(what, stream string, last cairn.Revision) {
		equal(k, what+": revisions", receipt.Revisions[1:], []cairn.Revision{last + 1, last + 2})
		newest := k.read(stream, cairn.ReadOptions{From: last + 1})
		equal(k, what+": events", types(newest), []string{"y", "z"})
	})
}

func expectationsOfSoftDelete(k *kit) {
	missing := map[string][6]string{"missing": {none, none, none, none, none, none}}
	try(k, missing, func(stream string, expected cairn.Revision) error {
		_, err := cairn.DeleteStream(k.ctx, k.store, stream, expected)
		return err
	}, func(what, stream string, last cairn.Revision) {
		same(k, what+": state", k.info(stream).State, cairn.StreamSoftDeleted)
		same(k, what+": last", k.info(stream).Last, last)
		same(k, what+": events", len(k.read(stream, cairn.ReadOptions{})), 0)
	})
}

func expectationsOfTombstone(k *kit) {
	try(k, nil, func(stream string, expected cairn.Revision) error {
		_, err := cairn.TombstoneStream(k.ctx, k.store, stream, expected)
		return err
	}, func(what, stream string, last cairn.Revision) {
		same(k, what+": state", k.info(stream).State, cairn.StreamTombstoned)
		same(k, what+": last", k.info(stream).Last, last)
	})
}
