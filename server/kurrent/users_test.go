package kurrent_test

import (
	"context"
	"encoding/base64"
	"io"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/internal/proto/kurrent/users"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/kurrent"
)

// newSecurePeer is a server that knows admin, ops, and ann, who is nobody
// special. All have the password "changeit".
func newSecurePeer(t *testing.T, o kurrent.Options) *peer {
	t.Helper()
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	if err := access.Bootstrap(t.Context(), store, access.BootstrapOptions{Iterations: 1}); err != nil {
		t.Fatal(err)
	}
	c, err := access.New(t.Context(), store, access.Options{Iterations: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Users().Create(t.Context(), access.User{Login: "ann"}, "changeit"); err != nil {
		t.Fatal(err)
	}
	return newPeerOver(t, store, c, o, grpc.UnaryInterceptor(c.UnaryInterceptor()), grpc.StreamInterceptor(c.StreamInterceptor()))
}

// as makes a call somebody's; nobody's if login is empty.
func as(ctx context.Context, login, password string) context.Context {
	if login == "" {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, "authorization",
		"Basic "+base64.StdEncoding.EncodeToString([]byte(login+":"+password)))
}

// An ending is how a call ended: a code, and the name and one fact in the
// trailers.
type ending struct {
	code      codes.Code
	exception string
	login     string
}

var (
	allowed         = ending{code: codes.OK}
	accessDenied    = ending{code: codes.PermissionDenied, exception: "access-denied"}
	unauthenticated = ending{code: codes.Unauthenticated}
)

func noUser(login string) ending {
	return ending{codes.NotFound, "user-not-found", login}
}

// refused is how a call ended.
func refused(call func(...grpc.CallOption) error) ending {
	var trailer metadata.MD
	r := ending{code: status.Code(call(grpc.Trailer(&trailer)))}
	if v := trailer.Get("exception"); len(v) > 0 {
		r.exception = v[0]
	}
	if v := trailer.Get("login-name"); len(v) > 0 {
		r.login = v[0]
	}
	return r
}

// A userCall is one call about a user.
type userCall struct {
	name string
	call func(c users.UsersClient, ctx context.Context, login string, o ...grpc.CallOption) error
}

var userCalls = []userCall{
	{"create", func(c users.UsersClient, ctx context.Context, login string, o ...grpc.CallOption) error {
		_, err := c.Create(ctx, &users.CreateReq{Options: &users.CreateReq_Options{LoginName: login, Password: "changeit"}}, o...)
		return err
	}},
	{"update", func(c users.UsersClient, ctx context.Context, login string, o ...grpc.CallOption) error {
		_, err := c.Update(ctx, &users.UpdateReq{Options: &users.UpdateReq_Options{LoginName: login, Password: "ignored", FullName: "Full"}}, o...)
		return err
	}},
	{"disable", func(c users.UsersClient, ctx context.Context, login string, o ...grpc.CallOption) error {
		_, err := c.Disable(ctx, &users.DisableReq{Options: &users.DisableReq_Options{LoginName: login}}, o...)
		return err
	}},
	{"enable", func(c users.UsersClient, ctx context.Context, login string, o ...grpc.CallOption) error {
		_, err := c.Enable(ctx, &users.EnableReq{Options: &users.EnableReq_Options{LoginName: login}}, o...)
		return err
	}},
	{"reset", func(c users.UsersClient, ctx context.Context, login string, o ...grpc.CallOption) error {
		_, err := c.ResetPassword(ctx, &users.ResetPasswordReq{Options: &users.ResetPasswordReq_Options{LoginName: login, NewPassword: "changeit"}}, o...)
		return err
	}},
	{"change", func(c users.UsersClient, ctx context.Context, login string, o ...grpc.CallOption) error {
		_, err := c.ChangePassword(ctx, &users.ChangePasswordReq{Options: &users.ChangePasswordReq_Options{LoginName: login, CurrentPassword: "changeit", NewPassword: "changeit"}}, o...)
		return err
	}},
	{"details", func(c users.UsersClient, ctx context.Context, login string, o ...grpc.CallOption) error {
		_, err := details(c, ctx, login, o...)
		return err
	}},
	{"delete", func(c users.UsersClient, ctx context.Context, login string, o ...grpc.CallOption) error {
		_, err := c.Delete(ctx, &users.DeleteReq{Options: &users.DeleteReq_Options{LoginName: login}}, o...)
		return err
	}},
}

func details(c users.UsersClient, ctx context.Context, login string, o ...grpc.CallOption) (all []*users.DetailsResp_UserDetails, err error) {
	stream, err := c.Details(ctx, &users.DetailsReq{Options: &users.DetailsReq_Options{LoginName: login}}, o...)
	if err != nil {
		return nil, err
	}
	for {
		m, err := stream.Recv()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, m.GetUserDetails())
	}
}

// TestWhoMayAdministerUsers: everyone tries everything on bob, who is there.
func TestWhoMayAdministerUsers(t *testing.T) {
	for _, caller := range []struct {
		login, password string
		want            ending // unless the call is in may
		may             []string
	}{
		{"", "", accessDenied, nil},
		{"ann", "wrong", unauthenticated, nil},
		{"nobody", "changeit", unauthenticated, nil},
		{"ann", "changeit", accessDenied, []string{"change", "details"}},
		{"bob", "changeit", accessDenied, []string{"change", "details"}},
		{"ops", "changeit", accessDenied, []string{"change", "details"}},
		{"admin", "changeit", allowed, nil},
	} {
		for _, c := range userCalls {
			t.Run(caller.login+" "+c.name, func(t *testing.T) {
				p := newSecurePeer(t, kurrent.Options{})
				client := users.NewUsersClient(p.conn)
				if err := userCalls[0].call(client, as(t.Context(), "admin", "changeit"), "bob"); err != nil {
					t.Fatal(err)
				}
				want := caller.want
				if slices.Contains(caller.may, c.name) {
					want = allowed
				}
				got := refused(func(o ...grpc.CallOption) error {
					return c.call(client, as(t.Context(), caller.login, caller.password), "bob", o...)
				})
				if got != want {
					t.Errorf("got %+v, want %+v", got, want)
				}
			})
		}
	}
}

// TestAUserWhoIsNotThere is told apart by name, also one who was deleted.
func TestAUserWhoIsNotThere(t *testing.T) {
	p := newSecurePeer(t, kurrent.Options{})
	client, admin := users.NewUsersClient(p.conn), as(t.Context(), "admin", "changeit")
	if err := userCalls[len(userCalls)-1].call(client, admin, "ann"); err != nil {
		t.Fatal(err)
	}
	for _, login := range []string{"nobody", "ann"} {
		for _, c := range userCalls[1:] {
			if got := refused(func(o ...grpc.CallOption) error { return c.call(client, admin, login, o...) }); got != noUser(login) {
				t.Errorf("%s %s: %+v", c.name, login, got)
			}
		}
	}
}

func TestAUsersLife(t *testing.T) {
	p := newSecurePeer(t, kurrent.Options{})
	client, admin := users.NewUsersClient(p.conn), as(t.Context(), "admin", "changeit")
	begin := time.Now()
	do := func(want ending, call func(...grpc.CallOption) error) {
		t.Helper()
		if got := refused(call); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	request := &users.CreateReq{Options: &users.CreateReq_Options{LoginName: "bob", Password: "one", FullName: "Bob Other", Groups: []string{"foo", "bar"}}}
	create := func(o ...grpc.CallOption) error { _, err := client.Create(admin, request, o...); return err }
	who := func(password string) func(...grpc.CallOption) error {
		return func(o ...grpc.CallOption) error {
			_, err := details(client, as(t.Context(), "bob", password), "bob", o...)
			return err
		}
	}
	change := func(current, password string) func(...grpc.CallOption) error {
		return func(o ...grpc.CallOption) error {
			_, err := client.ChangePassword(admin, &users.ChangePasswordReq{Options: &users.ChangePasswordReq_Options{LoginName: "bob", CurrentPassword: current, NewPassword: password}}, o...)
			return err
		}
	}
	do(unauthenticated, who("one"))
	do(allowed, create)
	do(allowed, who("one"))
	do(allowed, create) // the same again
	request.Options.Password = "another"
	do(ending{codes.FailedPrecondition, "user-conflict", "bob"}, create)
	do(accessDenied, change("wrong", "two")) // an administrator's word does not help
	do(allowed, change("one", "two"))
	do(unauthenticated, who("one"))
	do(allowed, who("two"))
	do(ending{code: codes.InvalidArgument}, change("two", ""))
	for _, c := range userCalls[1:4] { // update, disable, enable
		for range 2 {
			do(allowed, func(o ...grpc.CallOption) error { return c.call(client, admin, "bob", o...) })
		}
		if c.name == "disable" {
			do(unauthenticated, who("two"))
		}
	}
	do(allowed, who("two"))
	all, err := details(client, admin, "bob")
	if err != nil || len(all) != 1 {
		t.Fatalf("got %v, %v", all, err)
	}
	bob := all[0]
	if bob.GetLoginName() != "bob" || bob.GetFullName() != "Full" || len(bob.GetGroups()) != 0 || bob.GetDisabled() {
		t.Errorf("got %v", bob)
	}
	if at := time.Unix(0, bob.GetLastUpdated().GetTicksSinceEpoch()*100); at.Before(begin.Add(-time.Second)) || at.After(time.Now().Add(time.Second)) {
		t.Errorf("updated at %v", at)
	}
}

func TestDetailsOfEverybody(t *testing.T) {
	p := newSecurePeer(t, kurrent.Options{})
	all, err := details(users.NewUsersClient(p.conn), as(t.Context(), "ann", "changeit"), "")
	if err != nil || len(all) != 3 {
		t.Fatalf("got %v, %v", all, err)
	}
	for i, want := range []string{"admin", "ann", "ops"} {
		if all[i].GetLoginName() != want {
			t.Errorf("%d is %v", i, all[i])
		}
	}
}

// TestUsersOfAnInsecureServer can be administered by anybody.
func TestUsersOfAnInsecureServer(t *testing.T) {
	p := newPeer(t, kurrent.Options{})
	client := users.NewUsersClient(p.conn)
	for _, c := range userCalls {
		if err := c.call(client, as(t.Context(), "nobody", "x"), "bob"); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if info, err := p.store.StreamInfo(t.Context(), "$user-bob"); err != nil || info.State != cairn.StreamSoftDeleted {
		t.Errorf("got %v, %v", info.State, err)
	}
}

func TestUserRequestsWithoutOptions(t *testing.T) {
	p := newSecurePeer(t, kurrent.Options{})
	client, admin := users.NewUsersClient(p.conn), as(t.Context(), "admin", "changeit")
	for name, call := range map[string]func() error{
		"create": func() error { _, err := client.Create(admin, &users.CreateReq{}); return err },
		"update": func() error { _, err := client.Update(admin, &users.UpdateReq{}); return err },
		"delete": func() error { _, err := client.Delete(admin, &users.DeleteReq{}); return err },
		"enable": func() error { _, err := client.Enable(admin, &users.EnableReq{}); return err },
		"reset":  func() error { _, err := client.ResetPassword(admin, &users.ResetPasswordReq{}); return err },
		"change": func() error { _, err := client.ChangePassword(admin, &users.ChangePasswordReq{}); return err },
	} {
		if err := call(); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
}
