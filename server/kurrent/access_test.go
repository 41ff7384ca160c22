package kurrent_test

import (
	"context"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/kurrent"
)

// newWireAs starts a secure service whose caller is somebody.
func newWireAs(t *testing.T, who access.Principal) *wire {
	t.Helper()
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := access.New(t.Context(), store, access.Options{Iterations: 1})
	if err != nil {
		t.Fatal(err)
	}
	w := newWireOver(t, store, c, kurrent.Options{}, func(ctx context.Context) context.Context { return access.With(ctx, who) })
	t.Cleanup(func() { _ = c.Close() })
	return w
}

// TestAccess asks as somebody who may do what ordinary users may.
func TestAccess(t *testing.T) {
	const denied, refused = "PermissionDenied access-denied", "PERMISSION_DENIED AccessDenied"
	w := newWireAs(t, access.Principal{Name: "ann"})
	w.put("open", "x")
	w.put("$closed", "x")
	w.put("own", "x")
	w.put("shut-1", "y")
	w.describe("own", `{"$acl":{"$r":"bob","$w":"bob","$d":"bob"}}`)
	w.describe("shut-1", `{"$acl":{"$r":[]}}`)

	equal(t, "read", w.read(ofStream("open")), "open/0")
	equal(t, "read of the system's", w.read(ofStream("$closed")), denied)
	equal(t, "read of another's", w.read(ofStream("own")), denied)
	equal(t, "read of what is missing", w.read(ofStream("missing")), "not found missing")
	equal(t, "read of the log", w.read(ofAll), denied)
	equal(t, "subscription", failureOf(w.follow(ofStream("own"))), denied)
	equal(t, "append", w.send(destination("open", cairn.Any), event(w.id())), "at 1")
	equal(t, "append to another's", w.send(destination("own", cairn.Any), event(w.id())), denied)
	equal(t, "batches", w.batch(pieceOf(1, []int{71}, into("own", cairn.Any)), pieceOf(2, []int{72}, into("open", cairn.Any))),
		"own: "+refused+", open: at 2")
	for _, tombstone := range []bool{false, true} {
		answer, _ := w.remove(tombstone, "own", cairn.Any)
		equal(t, "delete", answer, denied)
	}
	equal(t, "links to what is another's", w.read(ofStream("$ce-shut"), resolving), "$ce-shut/0>")
	w.putLink("open", "0@own")
	equal(t, "a link to another's", w.read(ofStream("open"), resolving, fromRevision(3)), "open/3>")
}

// TestAccessMetadata: to write the metadata of a stream is another action than to
// write to the stream, by every call that appends.
func TestAccessMetadata(t *testing.T) {
	const denied = "PermissionDenied access-denied"
	w := newWireAs(t, access.Principal{Name: "ann"})
	w.describe("written", `{"$acl":{"$w":"ann","$mw":"bob","$mr":"bob"}}`)
	w.describe("described", `{"$acl":{"$w":"bob","$mw":"ann"}}`)
	into := func(stream string) string { return w.send(destination(stream, cairn.Any), event(w.id())) }
	equal(t, "append", into("written"), "at 0")
	equal(t, "metadata of it", into("$$written"), denied)
	equal(t, "metadata of it, read", w.read(ofStream("$$written")), denied)
	equal(t, "append to another", into("described"), denied)
	equal(t, "metadata of that", into("$$described"), "at 1")
	equal(t, "metadata of the log", into("$$$all"), denied)
}

// TestMetadataOfTheLog: it says who may read the log.
func TestMetadataOfTheLog(t *testing.T) {
	w := newWireAs(t, access.Principal{Name: "root", Groups: []string{access.Admins}})
	equal(t, "metadata", w.send(destination("$$$all", cairn.NoStream), event(w.id())), "at 0")
	equal(t, "the log itself", w.send(destination("$all", cairn.Any), event(w.id())), "PermissionDenied access-denied")
}

func failureOf(f *follower) string {
	_, err := f.call.Recv()
	return failure(err, f.call.Trailer())
}

func TestAccessAnonymous(t *testing.T) {
	w := newWireAs(t, access.Principal{})
	w.put("open-1", "x")
	equal(t, "read", w.read(ofStream("open-1")), "PermissionDenied access-denied")
	equal(t, "category", w.read(ofStream("$ce-open")), "PermissionDenied access-denied")
}

// TestAccessLost: who follows a stream and is not to any more is told so, though
// nothing else happens.
func TestAccessLost(t *testing.T) {
	w := newWireAs(t, access.Principal{Name: "ann"})
	w.put("s-1", "x")
	f, other := w.follow(ofStream("s-1")), w.follow(ofStream("$ce-s"))
	f.want("confirmed", "s-1/0", "live 0")
	other.want("confirmed", "$ce-s/0", "live 0")
	w.describe("s-1", `{"$acl":{"$r":["bob","ann"]}}`)
	w.put("s-1", "x")
	f.want("s-1/1")
	w.describe("s-1", `{"$acl":{"$r":"bob"}}`)
	f.want("PermissionDenied access-denied")
	other.want("$ce-s/1")
	g := w.follow(ofStream("t"))
	g.want("confirmed", "live")
	e := cairn.Event{ID: w.id(), Type: "$settings", Data: []byte(`{"$userStreamAcl":{"$r":"bob"}}`)}
	if _, err := w.store.Append(w.ctx, "$settings", cairn.Any, e); err != nil {
		t.Fatal(err)
	}
	g.want("PermissionDenied access-denied")
}
