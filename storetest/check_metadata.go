package storetest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/cairndb/cairn"
)

// metadataIsKept sets, reads and replaces metadata.
func metadataIsKept(k *kit) {
	info := k.info("s")
	same(k, "metadata of no stream", info.MetadataRevision, cairn.NoStream)
	m := cairn.StreamMetadata{
		MaxAge: time.Hour, MaxCount: 7, TruncateBefore: 2, CacheControl: time.Minute,
		ACL:    &cairn.ACL{Read: []string{"a", "b"}, Write: []string{}},
		Custom: map[string]json.RawMessage{"owner": json.RawMessage(`{"name":"ü"}`)},
	}
	k.describe("s", m)
	info = k.info("s")
	same(k, "state", info.State, cairn.StreamMissing)
	same(k, "last", info.Last, cairn.NoStream)
	same(k, "first", info.First, 0)
	same(k, "metadata revision", info.MetadataRevision, 0)
	if !reflect.DeepEqual(info.Metadata, m) {
		k.Errorf("got metadata %+v, want %+v", info.Metadata, m)
	}
	k.describe("s", cairn.StreamMetadata{MaxCount: 8})
	info = k.info("s")
	same(k, "metadata revision", info.MetadataRevision, 1)
	same(k, "custom keys", len(info.Metadata.Custom), 0)
	same(k, "count", info.Metadata.MaxCount, 8)
}

// metadataIsWrittenConditionally like any stream.
func metadataIsWrittenConditionally(k *kit) {
	set := func(expected cairn.Revision, n int64) error {
		_, err := cairn.SetMetadata(k.ctx, k.store, "s", expected, cairn.StreamMetadata{MaxCount: n})
		return err
	}
	same(k, "first", outcome(set(cairn.NoStream, 1)), ok)
	same(k, "again", outcome(set(cairn.NoStream, 2)), "conflict: 0")
	same(k, "next", outcome(set(0, 3)), ok)
	same(k, "beyond", outcome(set(7, 4)), "conflict: 1")
	same(k, "count", k.info("s").Metadata.MaxCount, 3)
}

// metadataStreams show their last event only; the log shows all.
func metadataStreams(k *kit) {
	for i := range int64(3) {
		k.describe("s", cairn.StreamMetadata{MaxCount: i + 1})
	}
	for _, backward := range []bool{false, true} {
		got := k.read("$$s", cairn.ReadOptions{Backward: backward})
		equal(k, "revisions", revisions(got), []cairn.Revision{2})
		same(k, "type", got[0].Type, cairn.TypeMetadata)
		same(k, "data", string(got[0].Data), `{"$maxCount":3}`)
	}
	info := k.info("$$s")
	same(k, "first", info.First, 2)
	same(k, "last", info.Last, 2)
	same(k, "state", info.State, cairn.StreamLive)
	same(k, "in the log", len(k.all(cairn.AllOptions{})), 3)
	same(k, "by type", len(k.all(cairn.AllOptions{Query: cairn.ByType(cairn.TypeMetadata)})), 3)
	same(k, "not of the system", len(k.all(cairn.AllOptions{NoSystem: true})), 0)
}

// malformedMetadata is stored as it is and treated as none.
func malformedMetadata(k *kit) {
	k.append("s", cairn.NoStream, "a", "b", "c")
	for _, data := range []string{``, `not JSON`, `[1]`, `"text"`, `{"$maxCount":-1,"$maxAge":0}`, `{"$maxCount":"2","$tb":{}}`} {
		k.put("$$s", cairn.Any, cairn.Event{Type: cairn.TypeMetadata, Data: []byte(data)})
		same(k, data+": events", len(k.read("s", cairn.ReadOptions{})), 3)
		same(k, data+": as stored", string(k.read("$$s", cairn.ReadOptions{})[0].Data), data)
	}
	k.describe("s", cairn.StreamMetadata{TruncateBefore: 1})
	k.append("$$s", cairn.Any, "not metadata")
	same(k, "after an event of another type", len(k.read("s", cairn.ReadOptions{})), 2)
}

// truncation hides the beginning of a stream and keeps the other metadata.
func truncation(k *kit) {
	k.append("s", cairn.NoStream, "a", "b", "c", "d")
	k.describe("s", cairn.StreamMetadata{Custom: map[string]json.RawMessage{"owner": json.RawMessage(`"me"`)}})
	for before, n := range []int{4, 3, 2, 1, 0, 0} {
		if _, err := cairn.Truncate(k.ctx, k.store, "s", cairn.Revision(before)); err != nil {
			k.Fatal(err)
		}
		what := fmt.Sprint("truncated before ", before)
		same(k, what, len(k.read("s", cairn.ReadOptions{})), n)
		same(k, what+", backward", len(k.read("s", cairn.ReadOptions{Backward: true})), n)
		info := k.info("s")
		same(k, what+": first", info.First, cairn.Revision(4-n))
		same(k, what+": last", info.Last, 3)
		same(k, what+": state", info.State, cairn.StreamLive)
		same(k, what+": custom", string(info.Metadata.Custom["owner"]), `"me"`)
	}
	same(k, "in the log", len(k.all(cairn.AllOptions{Query: cairn.ByCategory("s")})), 4)
	r := k.append("s", 3, "e", "f")
	same(k, "revision", r.Revision, 5)
	equal(k, "after an append", revisions(k.read("s", cairn.ReadOptions{})), []cairn.Revision{5})
}

// maximalCount shows the last events, more when it is relaxed.
func maximalCount(k *kit) {
	k.append("s", cairn.NoStream, "a", "b", "c", "d", "e")
	for _, n := range []int64{3, 4, 2, 1, 100} {
		k.describe("s", cairn.StreamMetadata{MaxCount: n})
		what, first := fmt.Sprint("count ", n), max(0, cairn.Revision(5-n))
		same(k, what, len(k.read("s", cairn.ReadOptions{})), int(min(n, 5)))
		same(k, what+": first", k.info("s").First, first)
		same(k, what+": oldest", k.read("s", cairn.ReadOptions{Limit: 1})[0].Revision, first)
		same(k, what+", backward", len(k.read("s", cairn.ReadOptions{Backward: true})), int(min(n, 5)))
	}
	k.describe("s", cairn.StreamMetadata{MaxCount: 2, TruncateBefore: 4})
	equal(k, "with truncation", revisions(k.read("s", cairn.ReadOptions{})), []cairn.Revision{4})
	k.append("s", 4, "f", "g")
	equal(k, "after an append", revisions(k.read("s", cairn.ReadOptions{})), []cairn.Revision{5, 6})
}

// maximalAge hides what is older, wherever it stands.
func maximalAge(k *kit) {
	old, young := time.Now().Add(-48*time.Hour), time.Now().Add(-time.Hour)
	k.put("s", cairn.NoStream, cairn.Event{Type: "a", Time: old}, cairn.Event{Type: "b", Time: young}, cairn.Event{Type: "c", Time: old}, cairn.Event{Type: "d"})
	k.describe("s", cairn.StreamMetadata{MaxAge: 24 * time.Hour})
	equal(k, "a day", types(k.read("s", cairn.ReadOptions{})), []string{"b", "d"})
	equal(k, "backward, one", types(k.read("s", cairn.ReadOptions{Backward: true, Before: 3, Limit: 1})), []string{"b"})
	same(k, "first", k.info("s").First, 0)
	k.describe("s", cairn.StreamMetadata{MaxAge: 100 * time.Hour})
	same(k, "four days", len(k.read("s", cairn.ReadOptions{})), 4)
	k.describe("s", cairn.StreamMetadata{MaxAge: time.Minute})
	equal(k, "a minute", types(k.read("s", cairn.ReadOptions{})), []string{"d"})
}

// followersSeeWhatComes although the metadata hides it from later reads.
func followersSeeWhatComes(k *kit) {
	k.append("s", cairn.NoStream, "a", "b", "c")
	k.describe("s", cairn.StreamMetadata{TruncateBefore: 1, MaxCount: 1})
	f := k.followStream("s", cairn.ReadOptions{})
	steps(k, f, "event 2", "caught up 2")
	k.describe("s", cairn.StreamMetadata{MaxCount: 2})
	k.append("s", 2, "d")
	steps(k, f, "event 3", "caught up 3")
	f.stop()
}
