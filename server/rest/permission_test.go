package rest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/rest"
)

// TestPermissions holds, for everything that can be asked, that who is not known
// is asked for a password, that who may not is told what for, that neither
// changes anything, and that who may does.
func TestPermissions(t *testing.T) {
	for _, d := range deeds {
		t.Run(d.route+" "+d.path, func(t *testing.T) {
			s, _ := secured(t)
			w := &world{t, s.store, s.handler}
			w.put("s", "a", "b")
			w.own("s", "ann")
			w.own("$all", "ann")
			w.own(definition, "ann")
			w.own("$projection-p", "ann")
			head := w.head()
			a := d.do(w, "")
			w.problem(a, 401, "unauthenticated")
			if got := a.Header.Get("WWW-Authenticate"); !strings.HasPrefix(got, `Basic realm=`) {
				t.Errorf("WWW-Authenticate is %q", got)
			}
			a = d.do(w, "bob")
			p := w.problem(a, 403, "denied")
			if p.Stream != d.stream || !strings.Contains(p.Detail, `"bob" may not`) || !strings.Contains(p.Detail, d.stream) || a.Header.Get("WWW-Authenticate") != "" {
				t.Errorf("got %+v", p)
			}
			if w.head() != head || a.Header.Get("ETag") != "" {
				t.Errorf("the head went from %d to %d, and the ETag is %s", head, w.head(), a.Header.Get("ETag"))
			}
			w.want(d.do(w, "ann"), d.status)
		})
	}
}

// TestPermissionsOfEveryRoute holds that no route is missing above, but for those
// that anybody may use.
func TestPermissionsOfEveryRoute(t *testing.T) {
	tried := []string{"GET /info", "GET /openapi.json", "GET /openapi.yaml"}
	for _, d := range deeds {
		tried = append(tried, d.route)
	}
	for _, route := range rest.Routes() {
		if !slices.Contains(tried, route) {
			t.Errorf("nobody tries to use %s without permission", route)
		}
	}
}

// TestPermissionsOfHead holds that a HEAD tells no more than a GET.
func TestPermissionsOfHead(t *testing.T) {
	s, _ := secured(t)
	s.put("s", "a", "b")
	s.own("s", "ann")
	for _, d := range deeds {
		if !strings.HasPrefix(d.route, "GET ") {
			continue
		}
		for login, want := range map[string]int{"": 401, "bob": 403} {
			if a := s.do("HEAD", d.path, "", slices.Concat(d.headers, as(login))...); a.StatusCode != want || a.Header.Get("ETag") != "" {
				t.Errorf("HEAD %s by %q: got %d, ETag %s", d.path, login, a.StatusCode, a.Header.Get("ETag"))
			}
		}
	}
}

// TestRefusalDoesNotTellWhatExists holds that who may not read a stream is not
// told whether there is one, or where it stands.
func TestRefusalDoesNotTellWhatExists(t *testing.T) {
	s, _ := secured(t)
	s.put("here", "a", "b")
	s.put("shut", "a")
	if _, err := cairn.TombstoneStream(t.Context(), s.store, "shut", cairn.Any); err != nil {
		t.Fatal(err)
	}
	for _, stream := range []string{"here", "gone"} {
		s.own(stream, "ann")
	}
	// What is shut has no permissions any more: those of all user streams count.
	if _, err := s.store.Append(t.Context(), "$settings", cairn.Any, cairn.Event{Type: "update-default-acl", Data: []byte(`{"$userStreamAcl":{"$r":"ann","$w":"ann","$d":"ann","$mr":"ann","$mw":"ann"}}`)}); err != nil {
		t.Fatal(err)
	}
	for _, login := range []string{"", "bob"} {
		for _, ask := range []struct{ method, suffix, body, match string }{
			{"GET", "", "", ""}, {"GET", "", "", `"1"`}, {"GET", "", "", "*"}, {"GET", "/0", "", `"0"`}, {"GET", "/9", "", ""}, {"GET", "?follow", "", ""},
			{"GET", "/metadata", "", `"0"`}, {"POST", "", anEvent, "*"}, {"DELETE", "", "", "*"}, {"PUT", "/metadata", `{}`, "*"},
		} {
			var answers []string
			for _, stream := range []string{"here", "gone", "shut"} {
				headers := as(login)
				if ask.match != "" {
					headers = append(headers, "If-None-Match", ask.match)
				}
				a := s.do(ask.method, "/streams/"+stream+ask.suffix, ask.body, headers...)
				var header strings.Builder
				a.Header.Del("Content-Length")
				if err := a.Header.Write(&header); err != nil {
					t.Fatal(err)
				}
				answers = append(answers, a.Status+header.String()+strings.ReplaceAll(a.body, stream, "..."))
			}
			if answers[0] != answers[1] || answers[0] != answers[2] || !strings.HasPrefix(answers[0], "40") {
				t.Errorf("%q may tell them apart by %s %s (%s):\n%s", login, ask.method, ask.suffix, ask.match, strings.Join(answers, "\n"))
			}
		}
	}
}

// TestImportStopsAtForbiddenStream holds that the lines before it are stored,
// and that leaving out broken lines does not mean those.
func TestImportStopsAtForbiddenStream(t *testing.T) {
	text := lineOf(1, "free", "T") + lineOf(2, "s", "T") + lineOf(3, "free", "T")
	for _, path := range []string{"/import", "/import?skipInvalid"} {
		s, _ := secured(t)
		s.own("s", "ann")
		p := s.problem(s.do("POST", path, text, append(as("bob"), "Content-Type", lines)...), 403, "denied")
		if p.Line != 2 || p.Stream != "s" || p.Import.Stored != 1 || read(t, s.store, "s") != "" || strings.Count(read(t, s.store, "free"), "\n") != 1 {
			t.Errorf("got %+v", p)
		}
	}
	s, _ := secured(t)
	s.limit("s", &cairn.ACL{Delete: []string{"ann"}})
	closing := lineOf(1, "s", "T") + lineOf(2, "s", "$streamDeleted")
	if p := s.problem(s.do("POST", "/import", closing, append(as("bob"), "Content-Type", lines)...), 403, "denied"); p.Line != 2 || p.Import.Stored != 1 {
		t.Errorf("got %+v", p)
	}
}

// TestEachPermissionIsItsOwn holds that none stands for another.
func TestEachPermissionIsItsOwn(t *testing.T) {
	bob := []string{"bob"}
	none := []string{}
	for name, c := range map[string]struct {
		acl  cairn.ACL
		want string
	}{
		"read":       {cairn.ACL{Read: bob, Write: none, Delete: none, MetaRead: none, MetaWrite: none}, "200 403 403 403 403"},
		"write":      {cairn.ACL{Read: none, Write: bob, Delete: none, MetaRead: none, MetaWrite: none}, "403 201 403 403 403"},
		"meta read":  {cairn.ACL{Read: none, Write: none, Delete: none, MetaRead: bob, MetaWrite: none}, "403 403 200 403 403"},
		"meta write": {cairn.ACL{Read: none, Write: none, Delete: none, MetaRead: none, MetaWrite: bob}, "403 403 403 201 200"},
		"delete":     {cairn.ACL{Read: none, Write: none, Delete: bob, MetaRead: none, MetaWrite: none}, "403 403 403 403 200"},
	} {
		s, _ := secured(t)
		s.put("s", "a")
		s.limit("s", &c.acl)
		var got []string
		for _, ask := range [][3]string{
			{"GET", "/streams/s", ""}, {"POST", "/streams/s", anEvent}, {"GET", "/streams/s/metadata", ""},
			{"PUT", "/streams/s/metadata", `{}`}, {"DELETE", "/streams/s", ""},
		} {
			got = append(got, s.do(ask[0], ask[1], ask[2], as("bob")...).Status[:3])
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %v, want %s", name, got, c.want)
		}
	}
}
