package access_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

func newUsers(t *testing.T) (*access.Users, cairn.Store) {
	t.Helper()
	store := newStore(t)
	return access.NewUsers(store, access.Options{Iterations: cheap}), store
}

func TestAUsersLife(t *testing.T) {
	users, store := newUsers(t)
	ctx := t.Context()
	want := access.User{Login: "ann", FullName: "Ann Other", Groups: []string{"foo", access.Operations}}
	if err := users.Create(ctx, want, "password"); err != nil {
		t.Fatal(err)
	}
	compare := func() {
		t.Helper()
		got, err := users.Get(ctx, "ann")
		if err != nil || got.Updated.IsZero() {
			t.Fatalf("got %+v, %v", got, err)
		}
		got.Updated = want.Updated
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
	compare()
	for name, change := range map[string]func() error{
		"update": func() error {
			want.FullName, want.Groups = "Ann", []string{}
			return users.Update(ctx, "ann", "Ann", nil)
		},
		"disable":  func() error { want.Disabled = true; return users.Disable(ctx, "ann") },
		"enable":   func() error { want.Disabled = false; return users.Enable(ctx, "ann") },
		"password": func() error { return users.ResetPassword(ctx, "ann", "other") },
	} {
		for range 2 {
			if err := change(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			compare()
		}
	}
	if right, err := users.Verify(ctx, "ann", "other"); !right || err != nil {
		t.Errorf("the password is %v, %v", right, err)
	}
	if err := users.Delete(ctx, "ann"); err != nil {
		t.Fatal(err)
	}
	if info, err := store.StreamInfo(ctx, "$user-ann"); err != nil || info.State != cairn.StreamSoftDeleted {
		t.Errorf("the stream is %v, %v", info.State, err)
	}
	for name, err := range map[string]error{
		"get":     second(users.Get(ctx, "ann")),
		"delete":  users.Delete(ctx, "ann"),
		"update":  users.Update(ctx, "ann", "", nil),
		"enable":  users.Enable(ctx, "ann"),
		"disable": users.Disable(ctx, "ann"),
		"reset":   users.ResetPassword(ctx, "ann", "x"),
		"change":  users.ChangePassword(ctx, "ann", "other", "x"),
		"never":   users.Delete(ctx, "bob"),
	} {
		if e, ok := errors.AsType[*access.UserError](err); !ok || !errors.Is(err, access.ErrNoUser) || name != "never" && e.Login != "ann" {
			t.Errorf("%s of one who was deleted: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// TestLayout: users are where KurrentDB has them.
func TestLayout(t *testing.T) {
	users, store := newUsers(t)
	ctx := t.Context()
	if err := errors.Join(
		users.Create(ctx, access.User{Login: "ann"}, "password"),
		users.Disable(ctx, "ann"), users.Disable(ctx, "ann"),
		users.ChangePassword(ctx, "ann", "password", "other"),
		users.Delete(ctx, "ann"),
		users.Create(ctx, access.User{Login: "ann"}, "password"),
	); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range events(t, store) {
		got = append(got, e.Stream+" "+e.Type)
	}
	want := []string{
		"$user-ann $UserCreated", "$$$user-ann $metadata", "$users $User",
		"$user-ann $UserUpdated",
		"$user-ann $UserUpdated", "$users-password-notifications $PasswordChanged",
		"$$$user-ann $metadata",                                                    // deleted
		"$$$user-ann $metadata", "$user-ann $UserCreated", "$$$user-ann $metadata", // the last by the store, to hide what was before
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	info, err := store.StreamInfo(ctx, "$user-ann")
	if err != nil {
		t.Fatal(err)
	}
	acl := info.Metadata.ACL
	if acl == nil {
		t.Fatal("anybody may read the record of who came back")
	}
	for _, list := range [][]string{acl.Read, acl.Write, acl.Delete, acl.MetaRead, acl.MetaWrite} {
		if !slices.Equal(list, []string{access.Admins}) {
			t.Errorf("the lists are %+v", acl)
		}
	}
}

func TestAllUsers(t *testing.T) {
	users, store := newUsers(t)
	ctx := t.Context()
	if all, err := users.All(ctx); len(all) != 0 || err != nil {
		t.Fatalf("got %v, %v", all, err)
	}
	for _, login := range []string{"cyd", "ann", "Bob", "dan"} {
		if err := users.Create(ctx, access.User{Login: login}, "password"); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(users.Delete(ctx, "ann"), users.Create(ctx, access.User{Login: "ann"}, "p"), users.Delete(ctx, "dan")); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Append(ctx, "$users", cairn.Any, cairn.Event{Type: "$User", Data: []byte("no such: login")}, cairn.Event{Type: "other"}); err != nil {
		t.Fatal(err)
	}
	all, err := users.All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var logins []string
	for _, u := range all {
		logins = append(logins, u.Login)
	}
	if got := strings.Join(logins, " "); got != "Bob ann cyd" {
		t.Errorf("got %s", got)
	}
}

func TestRefusedUsers(t *testing.T) {
	users, store := newUsers(t)
	long := strings.Repeat("x", 2000)
	for _, test := range []struct {
		name, field string
		user        access.User
		password    string
	}{
		{"no login", "login", access.User{}, "p"},
		{"a group as login", "login", access.User{Login: "$admins"}, "p"},
		{"a colon", "login", access.User{Login: "a:b"}, "p"},
		{"a space at the end", "login", access.User{Login: "a "}, "p"},
		{"a control character", "login", access.User{Login: "a\nb"}, "p"},
		{"a login that is no text", "login", access.User{Login: "a\xff"}, "p"},
		{"a long login", "login", access.User{Login: long}, "p"},
		{"no password", "password", access.User{Login: "a"}, ""},
		{"a long password", "password", access.User{Login: "a"}, long},
		{"a password that is no text", "password", access.User{Login: "a"}, "\xff"},
		{"a long name", "full name", access.User{Login: "a", FullName: long}, "p"},
		{"a name that is no text", "full name", access.User{Login: "a", FullName: "\xff"}, "p"},
		{"a nameless group", "groups[1]", access.User{Login: "a", Groups: []string{"g", ""}}, "p"},
		{"everybody as group", "groups[0]", access.User{Login: "a", Groups: []string{access.Everyone}}, "p"},
		{"many groups", "groups", access.User{Login: "a", Groups: slices.Repeat([]string{"g"}, 65)}, "p"},
	} {
		t.Run(test.name, func(t *testing.T) {
			e, ok := errors.AsType[*cairn.InvalidError](users.Create(t.Context(), test.user, test.password))
			if !ok || e.Field != test.field {
				t.Errorf("got %v", e)
			}
		})
	}
	if info, err := store.Info(t.Context()); err != nil || info.Head != 0 {
		t.Errorf("the head is %v, %v", info.Head, err)
	}
}

func TestAPasswordIsChangedByWhoKnowsIt(t *testing.T) {
	users, _ := newUsers(t)
	ctx := t.Context()
	if err := users.Create(ctx, access.User{Login: "u"}, "one"); err != nil {
		t.Fatal(err)
	}
	if err := users.ChangePassword(ctx, "u", "wrong", "two"); !errors.Is(err, access.ErrDenied) {
		t.Errorf("got %v", err)
	}
	if right, _ := users.Verify(ctx, "u", "one"); !right {
		t.Error("the password is another one")
	}
}

// TestOneOfManyCreatesAUser, and the others are told that there is one.
func TestOneOfManyCreatesAUser(t *testing.T) {
	users, _ := newUsers(t)
	var created atomic.Int32
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			switch err := users.Create(t.Context(), access.User{Login: "u"}, fmt.Sprint("p", i)); {
			case err == nil:
				created.Add(1)
			case !errors.Is(err, access.ErrUserExists):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if created.Load() != 1 {
		t.Errorf("%d created the user", created.Load())
	}
}

// TestNobodyComesBack: a change that races with a deletion does not undo it.
func TestNobodyComesBack(t *testing.T) {
	users, _ := newUsers(t)
	ctx := t.Context()
	for i := range 100 {
		login := fmt.Sprint("u", i)
		if err := users.Create(ctx, access.User{Login: login}, "p"); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for j := range 3 {
			wg.Go(func() {
				if err := users.Update(ctx, login, fmt.Sprint(j), nil); err != nil && !errors.Is(err, access.ErrNoUser) {
					t.Error(err)
				}
			})
		}
		wg.Go(func() {
			if err := users.Delete(ctx, login); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		if _, err := users.Get(ctx, login); !errors.Is(err, access.ErrNoUser) {
			t.Fatalf("%s is back: %v", login, err)
		}
	}
}
