package access_test

import (
	"fmt"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

var (
	nobody = access.Principal{}
	user1  = access.Principal{Name: "user1", Groups: []string{"g"}}
	user2  = access.Principal{Name: "user2"}
	ops    = access.Principal{Name: "ops", Groups: []string{access.Operations}}
	adm    = access.Principal{Name: "adm", Groups: []string{access.Admins}}

	callers = []access.Principal{nobody, user1, user2, ops, adm}
	actions = []access.Action{access.Read, access.Write, access.Delete, access.MetaRead, access.MetaWrite}
)

// seen is what each caller may do, one word a caller in the order of callers,
// one letter an action in the order of actions.
func seen(t *testing.T, c *access.Control, stream string) string {
	t.Helper()
	s := ""
	for i, p := range callers {
		if i > 0 {
			s += " "
		}
		for j, a := range actions {
			if can(t, c, p, a, stream) {
				s += string("rwdRW"[j])
			} else {
				s += "-"
			}
		}
	}
	return s
}

const (
	denied = "-----"
	free   = "rwdRW"
)

func TestWhoMayDoWhat(t *testing.T) {
	one := func(names ...string) []string { return append([]string{}, names...) }
	lists := map[string]*cairn.ACL{
		"user":        {Read: one("user1"), Write: one("user1"), Delete: one("user1"), MetaRead: one("user1"), MetaWrite: one("user1")},
		"group":       {Read: one("g")},
		"several":     {Read: one("user1", "user2"), Write: one("user2", "nobody")},
		"admins":      {Read: one(access.Admins), Write: one(access.Admins), Delete: one(access.Admins), MetaRead: one(access.Admins), MetaWrite: one(access.Admins)},
		"empty":       {Write: one()},
		"all":         {Read: one(access.Everyone)},
		"$open":       {Read: one(access.Everyone), Write: one(access.Everyone), Delete: one(access.Everyone), MetaRead: one(access.Everyone), MetaWrite: one(access.Everyone)},
		"$some":       {Read: one("user1")},
		"$ce-secrets": {Read: one("user1")},
		"blank":       {Read: one("")},
	}
	for _, test := range []struct{ stream, want string }{
		{"unknown", "----- rwdRW rwdRW rwdRW rwdRW"},
		{"user", "----- rwdRW ----- ----- rwdRW"},
		{"group", "----- rwdRW -wdRW -wdRW rwdRW"},
		{"several", "----- r-dRW rwdRW --dRW rwdRW"},
		{"admins", "----- ----- ----- ----- rwdRW"},
		{"empty", "----- r-dRW r-dRW r-dRW rwdRW"},
		{"all", "----- rwdRW rwdRW rwdRW rwdRW"},
		{"blank", "----- -wdRW -wdRW -wdRW rwdRW"},
		{"$unknown", "----- ----- ----- ----- rwdRW"},
		{"$open", "----- rwdRW rwdRW rwdRW rwdRW"},
		{"$some", "----- r---- ----- ----- rwdRW"},
		{"$settings", "----- ----- ----- ----- rwdRW"},
		{"$user-admin", "----- ----- ----- ----- rwdRW"},
		{"$scavenges", "----- ----- ----- r--R- rwdRW"},
		{"$ce-order", "----- r---- r---- r---- rwdRW"},
		{"$et-placed", "----- r---- r---- r---- rwdRW"},
		{"$streams", "----- r---- r---- r---- rwdRW"},
		{"$ce-secrets", "----- r---- ----- ----- rwdRW"},
		{"$ce", "----- ----- ----- ----- rwdRW"},
		{"$all", "----- ----- ----- ----- r--RW"},
		{"$$user", "----- rw-RW ----- ----- rw-RW"},
		{"$$unknown", "----- rw-RW rw-RW rw-RW rw-RW"},
		{"$$$some", "----- ----- ----- ----- rw-RW"},
		{"$$$all", "----- ----- ----- ----- rw-RW"},
	} {
		t.Run(test.stream, func(t *testing.T) {
			c, store := newControl(t, access.Options{})
			for stream, list := range lists {
				setACL(t, store, stream, list)
			}
			for range 2 { // the second time from memory
				if got := seen(t, c, test.stream); got != test.want {
					t.Errorf("got  %s\nwant %s", got, test.want)
				}
			}
		})
	}
}

func TestSettings(t *testing.T) {
	for _, test := range []struct{ name, settings, user, system string }{
		{"none", `{}`, "----- rwdRW rwdRW rwdRW rwdRW", "----- ----- ----- ----- rwdRW"},
		{"user streams", `{"$userStreamAcl":{"$r":"user1","$w":["user1","user2"],"$d":[],"$mr":"$ops","$mw":"g"}}`,
			"----- rw--W -w--- ---R- rwdRW", "----- ----- ----- ----- rwdRW"},
		{"system streams", `{"$systemStreamAcl":{"$r":"user1","$w":["user1","user2"],"$d":[],"$mr":"$ops"}}`,
			"----- rwdRW rwdRW rwdRW rwdRW", "----- rw--- -w--- ---R- rwdRW"},
		{"everybody", `{"$systemStreamAcl":{"$r":"$all","$w":"$all","$d":"$all","$mr":"$all","$mw":"$all"}}`,
			"----- rwdRW rwdRW rwdRW rwdRW", "----- rwdRW rwdRW rwdRW rwdRW"},
		{"nonsense", `no json`, "----- rwdRW rwdRW rwdRW rwdRW", "----- ----- ----- ----- rwdRW"},
		{"of the wrong kind", `{"$userStreamAcl":7,"$systemStreamAcl":[]}`, "----- rwdRW rwdRW rwdRW rwdRW", "----- ----- ----- ----- rwdRW"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, store := newControl(t, access.Options{})
			setSettings(t, store, test.settings)
			if got := seen(t, c, "a"); got != test.user {
				t.Errorf("a user's stream:\ngot  %s\nwant %s", got, test.user)
			}
			if got := seen(t, c, "$a"); got != test.system {
				t.Errorf("a system's stream:\ngot  %s\nwant %s", got, test.system)
			}
		})
	}
}

func TestAStreamsOwnListCountsBeforeTheSettings(t *testing.T) {
	c, store := newControl(t, access.Options{})
	setSettings(t, store, `{"$userStreamAcl":{"$r":"user1","$w":"user1"}}`)
	setACL(t, store, "a", &cairn.ACL{Read: []string{"user2"}})
	if got, want := seen(t, c, "a"), "----- -wdRW r-dRW --dRW rwdRW"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTheLogIsOpenedByItsOwnList(t *testing.T) {
	c, store := newControl(t, access.Options{})
	setACL(t, store, "$all", &cairn.ACL{Read: []string{"user1"}, Write: []string{"user1"}, Delete: []string{"user1"}})
	if got, want := seen(t, c, "$all"), "----- r---- ----- ----- r--RW"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	setACL(t, store, "$all", nil)
	if got, want := seen(t, c, "$all"), "----- ----- ----- ----- r--RW"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAnonymousAccess(t *testing.T) {
	c, store := newControl(t, access.Options{AllowAnonymousStreamAccess: true})
	setACL(t, store, "closed", &cairn.ACL{Read: []string{"user1"}})
	for _, test := range []struct{ stream, want string }{
		{"a", free}, {"closed", "-wdRW"}, {"$a", denied}, {"$all", denied}, {"$ce-a", "r----"}, {"$$a", "rw-RW"},
	} {
		if got := seen(t, c, test.stream)[:5]; got != test.want {
			t.Errorf("%s: got %s, want %s", test.stream, got, test.want)
		}
	}
}

// TestChecksAreExact changes what decides, again and again, while others write;
// what was acknowledged must count at once.
func TestChecksAreExact(t *testing.T) {
	c, store := newControl(t, access.Options{})
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				_, _ = store.Append(t.Context(), fmt.Sprint("noise-", i%100), cairn.Any, cairn.Event{Type: "noise"})
			}
		}
	}()
	defer func() { close(stop); <-stopped }()
	for i := range 300 {
		first, second := "user1", "user2"
		if i%2 == 1 {
			first, second = second, first
		}
		if i%3 == 0 {
			setACL(t, store, "a", nil)
			setSettings(t, store, `{"$userStreamAcl":{"$r":"`+first+`"}}`)
		} else {
			setACL(t, store, "a", &cairn.ACL{Read: []string{first}})
		}
		if !can(t, c, access.Principal{Name: first}, access.Read, "a") || can(t, c, access.Principal{Name: second}, access.Read, "a") {
			t.Fatalf("change %d: %s may not read, or %s may", i, first, second)
		}
	}
}

func TestInsecure(t *testing.T) {
	c := access.Open()
	for _, a := range actions {
		for _, stream := range []string{"a", "$a", "$settings"} {
			if !can(t, c, nobody, a, stream) {
				t.Errorf("action %d on %q is denied", a, stream)
			}
		}
	}
	for stream, want := range map[string]string{"$all": "r--RW", "$$a": "rw-RW"} {
		if got := seen(t, c, stream)[:5]; got != want {
			t.Errorf("%s: got %s, want %s", stream, got, want)
		}
	}
	if err := c.CheckRole(t.Context(), access.Operations); err != nil {
		t.Error(err)
	}
	if c.Users() != nil || c.Changed() != nil || c.Close() != nil || !c.Insecure() {
		t.Error("an insecure control has users, changes, or something to close")
	}
}

func TestRoles(t *testing.T) {
	c, _ := newControl(t, access.Options{})
	for _, test := range []struct {
		name  string
		who   access.Principal
		roles []string
		want  bool
	}{
		{"nobody is no user", nobody, nil, false},
		{"nobody is no operator", nobody, []string{access.Operations}, false},
		{"a user is one", user1, nil, true},
		{"a user is no operator", user1, []string{access.Operations}, false},
		{"an operator", ops, []string{access.Operations}, true},
		{"an operator is no administrator", ops, []string{access.Admins}, false},
		{"one of several", ops, []string{"g", access.Operations}, true},
		{"by name", user1, []string{"user1"}, true},
		{"an administrator is everything", adm, []string{access.Operations}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := c.CheckRole(access.With(t.Context(), test.who), test.roles...)
			if (err == nil) != test.want {
				t.Errorf("got %v", err)
			}
		})
	}
}
