package kurrent_test

import (
	"fmt"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/kurrent"
)

func TestVirtualStreams(t *testing.T) {
	given := func(w *wire) {
		w.put("order-1", "placed", "paid") // 1, 2
		w.put("order", "placed")           // 3: in the index's category, but in none here
		w.put("orders-1", "placed")        // 4
		w.put("$order-1", "placed")        // 5
		w.put("order-2-x", "placed")       // 6
		w.putLink("order-3", "0@orders-1") // 7
		w.describe("order-1", `{}`)        // 8
		w.put("order-1", "$x")             // 9
	}
	const category = "$ce-order/0>order-1/0, $ce-order/1>order-1/1, $ce-order/3>order-2-x/0, $ce-order/4>orders-1/0, $ce-order/5>order-1/2"
	for name, c := range map[string]struct {
		stream string
		ask    []ask
		want   string
	}{
		"category":                     {"$ce-order", []ask{resolving}, category},
		"category, detailed":           {"$ce-order", []ask{detailed, counting(1)}, "$ce-order/0, last 5"},
		"category from a rank":         {"$ce-order", []ask{fromRevision(1), counting(2)}, "$ce-order/1, $ce-order/3"},
		"category from a gap":          {"$ce-order", []ask{fromRevision(2), counting(1)}, "$ce-order/3"},
		"category past the end":        {"$ce-order", []ask{fromRevision(6), detailed}, "last 5"},
		"category far past the end":    {"$ce-order", []ask{fromRevision(60), detailed}, "first 6, last 5"},
		"category backward":            {"$ce-order", []ask{backwards, fromEnd, counting(3)}, "$ce-order/5, $ce-order/4, $ce-order/3"},
		"category backward from":       {"$ce-order", []ask{backwards, fromRevision(3), detailed}, "$ce-order/3, $ce-order/1, $ce-order/0, last 5"},
		"category backward from first": {"$ce-order", []ask{backwards}, "$ce-order/0"},
		"no such category":             {"$ce-missing", []ask{detailed}, "not found $ce-missing"},
		"category of the system":       {"$ce-$order", nil, "not found $ce-$order"},
		"category that is none":        {"$ce-order-1", nil, "not found $ce-order-1"},
		"category without a name":      {"$ce-", nil, "not found $ce-"},
		"type":                         {"$et-placed", []ask{resolving}, "$et-placed/0>order-1/0, $et-placed/1>order/0, $et-placed/2>orders-1/0, $et-placed/4>order-2-x/0"},
		"type of metadata":             {"$et-$metadata", []ask{resolving}, "$et-$metadata/0>$$order-1/0"},
		"type of links":                {"$et-$>", nil, "not found $et-$>"},
		"no such type":                 {"$et-missing", nil, "not found $et-missing"},
		"streams":                      {"$streams", []ask{resolving}, "$streams/0>order-1/0, $streams/1>order/0, $streams/2>orders-1/0, $streams/4>order-2-x/0, $streams/5>orders-1/0"},
		"metadata of a category":       {"$$$ce-order", nil, "not found $$$ce-order"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, kurrent.Options{})
			given(w)
			equal(t, "read", w.read(append([]ask{ofStream(c.stream)}, c.ask...)...), c.want)
		})
	}
}

// TestVirtualOverAnyStore: a store that cannot count by itself is read instead.
func TestVirtualOverAnyStore(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	w.put("a-1", "x", "x", "x")
	plain := newWireOver(t, struct{ cairn.Store }{w.store}, access.Open(), kurrent.Options{}, nil)
	equal(t, "forward", plain.read(ofStream("$ce-a"), fromRevision(1)), "$ce-a/1, $ce-a/2")
	equal(t, "backward", plain.read(ofStream("$ce-a"), fromRevision(1), backwards), "$ce-a/1, $ce-a/0")
}

// TestVirtualHidesWhatItsStreamHides: the link stays.
func TestVirtualHidesWhatItsStreamHides(t *testing.T) {
	for name, c := range map[string]struct {
		hide func(*wire)
		want string
	}{
		"truncated":    {func(w *wire) { w.describe("a-1", `{"$tb":1}`) }, "$ce-a/0>, $ce-a/1>a-1/1"},
		"too many":     {func(w *wire) { w.describe("a-1", `{"$maxCount":1}`) }, "$ce-a/0>, $ce-a/1>a-1/1"},
		"soft-deleted": {func(w *wire) { w.softDelete("a-1") }, "$ce-a/0>, $ce-a/1>"},
		"tombstoned":   {func(w *wire) { w.tombstone("a-1") }, "$ce-a/0>, $ce-a/1>, $ce-a/2>"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, kurrent.Options{})
			w.put("a-1", "x", "x")
			c.hide(w)
			equal(t, "read", w.read(ofStream("$ce-a"), resolving), c.want)
		})
	}
}

// TestVirtualLinks: a link says the same whenever it is read.
func TestVirtualLinks(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	w.put("a-ü", "x")
	seen := map[string]bool{}
	for range 2 {
		call, err := w.streams.Read(w.ctx, readRequest(ofStream("$ce-a"), resolving))
		if err != nil {
			t.Fatal(err)
		}
		m, err := call.Recv()
		if err != nil {
			t.Fatal(err)
		}
		e, l := m.GetEvent().GetEvent(), m.GetEvent().GetLink()
		equal(t, "data", string(l.GetData()), "0@a-ü")
		equal(t, "type", l.GetMetadata()["type"]+" "+l.GetMetadata()["content-type"], "$> application/octet-stream")
		equal(t, "metadata", string(l.GetCustomMetadata()), fmt.Sprintf(`{"$o":"a-ü","$causedBy":%q}`, e.GetId().GetString_()))
		if l.GetCommitPosition() != 1 || m.GetEvent().GetCommitPosition() != 1 || l.GetMetadata()["created"] != e.GetMetadata()["created"] {
			t.Errorf("link %v to %v", l, e)
		}
		seen[l.GetId().GetString_()] = true
		if id, err := cairn.ParseID(l.GetId().GetString_()); err != nil || id[6]>>4 != 5 || seen[e.GetId().GetString_()] {
			t.Errorf("id %v, %v", id, err)
		}
	}
	if len(seen) != 1 {
		t.Errorf("ids %v", seen)
	}
}

func TestVirtualSubscription(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	w.put("a-1", "x", "x")
	start := w.follow(ofStream("$ce-a"), resolving)
	start.want("confirmed", "$ce-a/0>a-1/0", "$ce-a/1>a-1/1", "live 1")
	after := w.follow(ofStream("$ce-a"), fromRevision(0))
	after.want("confirmed", "$ce-a/1", "live 1")
	end := w.follow(ofStream("$ce-a"), fromEnd)
	end.want("confirmed", "live 1")
	ahead := w.follow(ofStream("$ce-a"), fromRevision(2))
	ahead.want("confirmed", "live 1")
	farAhead := w.follow(ofStream("$ce-a"), fromRevision(3))
	farAhead.want("confirmed", "live 1")
	none := w.follow(ofStream("$ce-b"))
	none.want("confirmed", "live")
	impossible := w.follow(ofStream("$ce-$x"))
	impossible.want("confirmed", "live")

	w.put("a", "x") // in the index's category; takes a rank
	w.put("a-2", "x")
	w.put("b-1", "x")
	start.want("$ce-a/3>a-2/0")
	after.want("$ce-a/3")
	end.want("$ce-a/3")
	ahead.want("$ce-a/3")
	w.put("a-3", "x")
	farAhead.want("$ce-a/4")
	none.want("$ce-b/0")
}

// TestVirtualHidesLive: what a stream hides is looked at anew for what comes.
func TestVirtualHidesLive(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	w.put("a-1", "x", "x")
	f := w.follow(ofStream("$ce-a"), resolving)
	f.want("confirmed", "$ce-a/0>a-1/0", "$ce-a/1>a-1/1", "live 1")
	w.describe("a-1", `{"$maxCount":1}`)
	w.put("a-1", "x", "x")
	f.want("$ce-a/2>", "$ce-a/3>a-1/3")
}

// TestVirtualInTheLog: a filter of the log that names such a stream gets its
// links, at the positions of their events.
func TestVirtualInTheLog(t *testing.T) {
	w := newWire(t, kurrent.Options{})
	w.put("a-1", "x", "y", "x")
	w.put("b-1", "x")
	by := func(stream string) ask { return filtered("stream", "prefix", 32, 1, stream) }
	equal(t, "type", w.read(ofAll, by("$et-x"), resolving), "$et-x/0>a-1/0, $et-x/1>a-1/2, $et-x/2>b-1/0")
	equal(t, "from a position", w.read(ofAll, by("$et-x"), fromPosition(2, 2), counting(1)), "$et-x/1")
	equal(t, "backward", w.read(ofAll, by("$ce-a"), backwards, fromEnd, counting(2)), "$ce-a/2, $ce-a/1")
	equal(t, "none", w.read(ofAll, by("$ce-$x")), "")
	w.follow(ofAll, by("$ce-$x")).want("confirmed", "checkpoint 4", "live at 4")
	w.follow(ofAll, by("$ce-")).want("confirmed", "checkpoint 4", "live at 4")
	f := w.follow(ofAll, by("$et-x"), resolving)
	f.want("confirmed", "$et-x/0>a-1/0", "$et-x/1>a-1/2", "$et-x/2>b-1/0", "checkpoint 4", "live at 4")
	w.put("b-1", "y", "x")
	f.want("$et-x/3>b-1/2")
}
