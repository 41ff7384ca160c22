package storetest

import (
	"fmt"
	"runtime"

	"github.com/cairndb/cairn"
)

// batchesKeepTheirOrder interleaves streams in one batch.
func batchesKeepTheirOrder(k *kit) {
	k.append("a", cairn.NoStream, "before")
	r := k.commit(cairn.Batch{Writes: []cairn.Write{
		{Stream: "b", Expected: cairn.NoStream, Events: events("1", "2")},
		{Stream: "a", Expected: 0, Events: events("3")},
		{Stream: "c", Expected: cairn.NoStream},
		{Stream: "b", Expected: cairn.Any, Events: events("4")},
		{Stream: "a", Expected: cairn.StreamExists, Events: events("5", "6")},
		{Stream: "a", Expected: 0},
	}})
	equal(k, "types", types(k.all(cairn.AllOptions{After: 1})), []string{"1", "2", "3", "4", "5", "6"})
	equal(k, "revisions", r.Revisions, []cairn.Revision{1, 1, cairn.NoStream, 2, 3, 3})
	same(k, "position", r.Position, 7)
	equal(k, "a", types(k.read("a", cairn.ReadOptions{})), []string{"before", "3", "5", "6"})
	equal(k, "b", types(k.read("b", cairn.ReadOptions{})), []string{"1", "2", "4"})
	same(k, "c", k.info("c").State, cairn.StreamMissing)
	dense(k)
}

// batchesOfNothing are legal and store nothing.
func batchesOfNothing(k *kit) {
	r := k.commit(cairn.Batch{})
	same(k, "position", r.Position, 0)
	same(k, "revisions", len(r.Revisions), 0)
	same(k, "head", k.head(), 0)
}

// batchesMixDeletions with writes to other streams.
func batchesMixDeletions(k *kit) {
	k.append("a", cairn.NoStream, "1")
	k.append("b", cairn.NoStream, "2", "3")
	r := k.commit(cairn.Batch{Writes: []cairn.Write{
		{Stream: "a", Expected: 0, Delete: cairn.SoftDelete},
		{Stream: "b", Expected: 1, Delete: cairn.Tombstone},
		{Stream: "c", Expected: cairn.NoStream, Events: events("4")},
	}})
	same(k, "position", r.Position, 6)
	same(k, "where the soft-deleted stands", r.Revisions[0], 0)
	same(k, "a", k.info("a").State, cairn.StreamSoftDeleted)
	same(k, "b", k.info("b").State, cairn.StreamTombstoned)
	same(k, "c", k.info("c").State, cairn.StreamLive)
	equal(k, "log", types(k.all(cairn.AllOptions{After: 3})), []string{cairn.TypeMetadata, cairn.TypeStreamDeleted, "4"})
}

// batchesThatFail leave nothing behind, whichever part of them failed.
func batchesThatFail(k *kit) {
	k.append("live", cairn.NoStream, "a")
	fine := cairn.Write{Stream: "fine", Expected: cairn.NoStream, Events: events("x", "y")}
	bad := cairn.Write{Stream: "live", Expected: 7, Events: events("z")}
	for name, b := range map[string]cairn.Batch{
		"last write":  {Writes: []cairn.Write{fine, bad}},
		"first write": {Writes: []cairn.Write{bad, fine}},
		"no events":   {Writes: []cairn.Write{fine, {Stream: "live", Expected: 7}}},
		"condition":   {Writes: []cairn.Write{fine}, Conditions: []cairn.Condition{cairn.StreamAt("live", 7)}},
		"query":       {Writes: []cairn.Write{fine}, Conditions: []cairn.Condition{cairn.NoneAfter(0, cairn.ByType("a"))}},
		"deletion":    {Writes: []cairn.Write{fine, {Stream: "missing", Expected: cairn.Any, Delete: cairn.SoftDelete}}},
	} {
		b.Key = "key of " + name
		_, err := k.store.Commit(k.ctx, b)
		if err == nil {
			k.Errorf("%s: no error", name)
		}
		same(k, name+": head", k.head(), 1)
		same(k, name+": state", k.info("fine").State, cairn.StreamMissing)
		same(k, name+": events", len(k.all(cairn.AllOptions{Query: cairn.ByCategory("fine")})), 0)
	}
}

// batchesAreSeenWhole reads while batches of five events on three streams are
// written: no snapshot holds a part of one.
func batchesAreSeenWhole(k *kit) {
	const batches, readers = 40, 3
	k.together(1+readers, func(i int) error {
		if i == 0 {
			return writeFives(k, batches)
		}
		for n := 0; n < 5*batches; {
			seen, err := readFives(k, i)
			if err != nil {
				return err
			}
			if seen%5 != 0 {
				return fmt.Errorf("a snapshot holds %d events of batches of 5", seen)
			}
			if seen < n {
				return fmt.Errorf("a snapshot holds %d events after one of %d", seen, n)
			}
			n = seen
		}
		return nil
	})
}

func writeFives(k *kit, batches int) error {
	for range batches {
		runtime.Gosched() // to the readers
		_, err := k.store.Commit(k.ctx, cairn.Batch{Writes: []cairn.Write{
			{Stream: "five-a", Expected: cairn.Any, Events: events("x", "x")},
			{Stream: "five-b", Expected: cairn.Any, Events: events("x")},
			{Stream: "five-c", Expected: cairn.Any, Events: events("x", "x")},
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

// readFives counts what one snapshot holds, in one of three ways.
func readFives(k *kit, way int) (n int, err error) {
	o := cairn.AllOptions{Backward: way == 2}
	if way == 3 {
		o.Query = cairn.ByCategory("five")
	}
	for _, err := range k.store.ReadAll(k.ctx, o) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
