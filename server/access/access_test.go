package access_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server/access"
)

// cheap makes passwords cost nothing.
const cheap = 3

func newStore(t testing.TB) *disk.Store {
	t.Helper()
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// newControl is the control of a new store with the first users in it.
func newControl(t testing.TB, o access.Options) (*access.Control, *disk.Store) {
	t.Helper()
	store := newStore(t)
	if err := access.Bootstrap(t.Context(), store, access.BootstrapOptions{Iterations: cheap}); err != nil {
		t.Fatal(err)
	}
	return control(t, store, o), store
}

func control(t testing.TB, store cairn.Store, o access.Options) *access.Control {
	t.Helper()
	if o.Iterations == 0 {
		o.Iterations = cheap
	}
	c, err := access.New(t.Context(), store, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func basic(login, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(login+":"+password))
}

func create(t testing.TB, c *access.Control, login, password string, groups ...string) {
	t.Helper()
	if err := c.Users().Create(t.Context(), access.User{Login: login, FullName: login, Groups: groups}, password); err != nil {
		t.Fatal(err)
	}
}

func setACL(t testing.TB, store cairn.Store, stream string, acl *cairn.ACL) {
	t.Helper()
	if _, err := cairn.SetMetadata(t.Context(), store, stream, cairn.Any, cairn.StreamMetadata{ACL: acl}); err != nil {
		t.Fatal(err)
	}
}

func setSettings(t testing.TB, store cairn.Store, text string) {
	t.Helper()
	if _, err := store.Append(t.Context(), "$settings", cairn.Any, cairn.Event{Type: "$settings", Data: json.RawMessage(text)}); err != nil {
		t.Fatal(err)
	}
}

// can reports whether the caller may do something; a failing store is fatal.
func can(t testing.TB, c *access.Control, p access.Principal, a access.Action, stream string) bool {
	t.Helper()
	err := c.Check(access.With(t.Context(), p), a, stream)
	if err != nil && !errors.Is(err, access.ErrDenied) {
		t.Fatalf("check of %q: %v", stream, err)
	}
	return err == nil
}

// authenticated reports whether a header is accepted.
func authenticated(t testing.TB, c *access.Control, header string) bool {
	t.Helper()
	_, err := c.Authenticate(t.Context(), header, nil)
	if err != nil && !errors.Is(err, access.ErrUnauthenticated) {
		t.Fatal(err)
	}
	return err == nil
}

// events is all that a store holds.
func events(t testing.TB, store cairn.LogReader) []cairn.Recorded {
	t.Helper()
	all, err := cairn.Collect(store.ReadAll(context.Background(), cairn.AllOptions{}))
	if err != nil {
		t.Fatal(err)
	}
	return all
}
