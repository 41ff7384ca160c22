package access

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/cairndb/cairn"
)

// FuzzHeader: a header is refused, or read as what somebody could have sent.
func FuzzHeader(f *testing.F) {
	for _, s := range []string{"", "Basic", "Basic YTpi", "Bearer YTpi", "basic  YTpi==", "Basic Og==", "Basic JDpi", "Digest YTpi", "Basic YTo6"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		login, password, ok := parseHeader(header)
		if !ok {
			return
		}
		if validateLogin(login) != nil || validatePassword("password", password) != nil || !utf8.ValidString(password) {
			t.Fatalf("%q and %q are accepted", login, password)
		}
		again := "Basic " + base64.StdEncoding.EncodeToString([]byte(login+":"+password))
		if l, p, ok := parseHeader(again); !ok || l != login || p != password {
			t.Fatalf("%q and %q are read back as %q and %q, %v", login, password, l, p, ok)
		}
	})
}

// FuzzSettings: whatever stands in the settings and in a stream's metadata,
// nobody without a role gets in where a list does not say so, and administrators
// always do.
func FuzzSettings(f *testing.F) {
	f.Add([]byte(`{"$userStreamAcl":{"$r":"a","$w":["b",""],"$d":[]},"$systemStreamAcl":{"$r":"$all"}}`), []byte(`{"$acl":{"$r":[]}}`))
	f.Add([]byte(`[]`), []byte(`{"$acl":null}`))
	f.Add([]byte(`{"$userStreamAcl":{"$r":[null]}}`), []byte(`{"$acl":{"$r":{"a":"b"}}}`))
	f.Fuzz(func(t *testing.T, data, metadata []byte) {
		s, own := parseSettings(data), cairn.ParseStreamMetadata(metadata).ACL
		c := uniform(s, own)
		for _, stream := range []string{"a", "$a", "$all"} {
			for a := Read; a <= MetaWrite; a++ {
				roles, err := c.roles(t.Context(), a, stream)
				if err != nil {
					t.Fatal(err)
				}
				err = c.check(t.Context(), Principal{}, a, stream)
				if !errors.Is(err, ErrDenied) {
					t.Fatalf("nobody may do %d to %s: %q", a, stream, roles)
				}
				err = c.check(t.Context(), Principal{Name: "u"}, a, stream)
				if allowed := slices.Contains(roles, "u") || slices.Contains(roles, Everyone); allowed != (err == nil) {
					t.Fatalf("u may do %d to %s: %v, for %q", a, stream, err, roles)
				}
				if err := c.check(t.Context(), Principal{Name: "x", Groups: []string{Admins}}, a, stream); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// uniform is a control that finds the same list in every stream.
func uniform(s settings, own *cairn.ACL) *Control {
	c := &Control{store: at{}, verdicts: newVerdicts()}
	c.watch = &watch{store: c.store}
	c.lists = newMemory(c.watch, 1, func(context.Context, cairn.StreamInfo) (*cairn.ACL, error) { return own, nil })
	c.settings = newMemory(c.watch, 1, func(context.Context, cairn.StreamInfo) (settings, error) { return s, nil })
	return c
}

// FuzzRecord: what stands in a user's stream is that user or nobody, and matches
// no password that it should not.
func FuzzRecord(f *testing.F) {
	h, err := newHash("password", 2)
	if err != nil {
		f.Fatal(err)
	}
	r := record{Login: "u", Groups: []string{}, hash: h}
	e, err := r.event(typeUserCreated)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(e.Data)
	f.Add([]byte(`{"loginName":"u"}`))
	f.Add([]byte(`{"loginName":"v"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := parseRecord(&cairn.Recorded{Stream: "$user-u", Event: cairn.Event{Data: data}})
		if r.exists && r.Login != "u" {
			t.Fatalf("it is %q", r.Login)
		}
		if r.Iterations < 100 && r.matches("another", 1, derive) {
			t.Fatalf("%s matches", data)
		}
	})
}
