package rest_test

import (
	"encoding/base64"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/storetest"
)

// cheap is how often the passwords of tests are hashed.
const cheap = 10

// secured is a server whose users are ann, who may do everything with the
// streams that own gives her, bob, who may not, and boss, who administers.
func secured(t *testing.T) (*server, *access.Control) {
	t.Helper()
	store := storetest.NewReference()
	c, err := access.New(t.Context(), store, access.Options{Iterations: cheap})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	for login, groups := range map[string][]string{"ann": nil, "bob": nil, "boss": {access.Admins}} {
		if err := c.Users().Create(t.Context(), access.User{Login: login, Groups: groups}, login); err != nil {
			t.Fatal(err)
		}
	}
	return serveTo(t, store, c, options), c
}

// own makes a stream, or the log, one user's.
func (w *world) own(stream, login string) {
	w.Helper()
	one := []string{login}
	w.limit(stream, &cairn.ACL{Read: one, Write: one, Delete: one, MetaRead: one, MetaWrite: one})
}

func (w *world) limit(stream string, acl *cairn.ACL) {
	w.Helper()
	if _, err := cairn.SetMetadata(w.Context(), w.store, stream, cairn.Any, cairn.StreamMetadata{ACL: acl}); err != nil {
		w.Fatal(err)
	}
}

func (w *world) head() cairn.Position {
	w.Helper()
	info, err := w.store.Info(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return info.Head
}

// as is the header of a caller, whose password is their name.
func as(login string) []string {
	if login == "" {
		return nil
	}
	return basic(login, login)
}

func basic(login, password string) []string {
	return []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(login+":"+password))}
}
