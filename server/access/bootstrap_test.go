package access_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

var quick = access.BootstrapOptions{Iterations: cheap}

// begun checks that a store holds what a new one begins with, each part once.
func begun(t *testing.T, store cairn.LogReader) {
	t.Helper()
	var got []string
	for _, e := range events(t, store) {
		what := e.Stream + " " + e.Type
		if e.Type == "$User" {
			what += " " + string(e.Data)
		}
		got = append(got, what)
	}
	want := []string{
		"$$$persistentSubscriptionConfig $metadata", "$$$scavenges $metadata", "$$$user-admin $metadata", "$$$user-ops $metadata",
		"$$$users $metadata", "$$$users-password-notifications $metadata",
		"$user-admin $UserCreated", "$user-ops $UserCreated", "$users $User admin", "$users $User ops",
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestBootstrap(t *testing.T) {
	c, store := newControl(t, access.Options{})
	ctx := t.Context()
	for range 2 {
		begun(t, store)
		if err := access.Bootstrap(ctx, store, quick); err != nil {
			t.Fatal(err)
		}
	}
	all, err := c.Users().All(ctx)
	if err != nil || len(all) != 2 {
		t.Fatalf("got %v, %v", all, err)
	}
	for i, want := range []access.User{
		{Login: "admin", FullName: "KurrentDB Administrator", Groups: []string{access.Admins}},
		{Login: "ops", FullName: "KurrentDB Operations", Groups: []string{access.Operations}},
	} {
		got := all[i]
		if got.Login != want.Login || got.FullName != want.FullName || !slices.Equal(got.Groups, want.Groups) || got.Disabled {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if !authenticated(t, c, basic(want.Login, access.DefaultPassword)) {
			t.Errorf("%s has another password", want.Login)
		}
	}
}

func TestBootstrapWithPasswords(t *testing.T) {
	store := newStore(t)
	if err := access.Bootstrap(t.Context(), store, access.BootstrapOptions{AdminPassword: "one", OpsPassword: "two", Iterations: cheap}); err != nil {
		t.Fatal(err)
	}
	c := control(t, store, access.Options{})
	for header, want := range map[string]bool{
		basic("admin", "one"): true, basic("ops", "two"): true, basic("admin", access.DefaultPassword): false, basic("ops", access.DefaultPassword): false,
	} {
		if authenticated(t, c, header) != want {
			t.Errorf("%s: not %v", header, want)
		}
	}
	err := access.Bootstrap(t.Context(), newStore(t), access.BootstrapOptions{AdminPassword: "\xff", Iterations: cheap})
	if !errors.Is(err, cairn.ErrInvalid) {
		t.Errorf("a password that is no text: %v", err)
	}
}

// TestBootstrapUndoesNothing that was done since.
func TestBootstrapUndoesNothing(t *testing.T) {
	c, store := newControl(t, access.Options{})
	ctx := t.Context()
	if err := errors.Join(c.Users().Delete(ctx, "ops"), c.Users().ResetPassword(ctx, "admin", "other")); err != nil {
		t.Fatal(err)
	}
	setACL(t, store, "$users", nil)
	before := len(events(t, store))
	if err := access.Bootstrap(ctx, store, quick); err != nil {
		t.Fatal(err)
	}
	if after := len(events(t, store)); after != before {
		t.Errorf("%d events were written", after-before)
	}
	if authenticated(t, c, basic("ops", "changeit")) || authenticated(t, c, basic("admin", "changeit")) || !authenticated(t, c, basic("admin", "other")) {
		t.Error("who was deleted is back, or the password")
	}
}

// TestBootstrapLeavesAStrangersStoreAsItIs where it has something already.
func TestBootstrapLeavesAStrangersStoreAsItIs(t *testing.T) {
	store := newStore(t)
	ctx := t.Context()
	if _, err := store.Append(ctx, "$user-admin", cairn.NoStream, cairn.Event{Type: "$UserCreated", Data: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	if _, err := cairn.TombstoneStream(ctx, store, "$user-ops", cairn.Any); err != nil {
		t.Fatal(err)
	}
	if err := access.Bootstrap(ctx, store, quick); err != nil {
		t.Fatal(err)
	}
	if all, err := access.NewUsers(store, access.Options{}).All(ctx); len(all) != 0 || err != nil {
		t.Errorf("got %v, %v", all, err)
	}
}

func TestManyBootstrapsAtOnce(t *testing.T) {
	for range 20 {
		store := newStore(t)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := access.Bootstrap(t.Context(), store, quick); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		begun(t, store)
	}
}

// TestBootstrapGoesOn where it was interrupted, wherever that was.
func TestBootstrapGoesOn(t *testing.T) {
	for left := range 7 {
		t.Run(fmt.Sprint(left), func(t *testing.T) {
			store := newStore(t)
			err := access.Bootstrap(t.Context(), &failing{Store: store, left: left}, quick)
			if (err == nil) != (left == 6) {
				t.Errorf("after %d: %v", left, err)
			}
			if err := access.Bootstrap(t.Context(), store, quick); err != nil {
				t.Fatal(err)
			}
			begun(t, store)
		})
	}
}

// failing is a store that takes some batches and no more.
type failing struct {
	cairn.Store
	mu   sync.Mutex
	left int
}

func (f *failing) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left--; f.left < 0 {
		return cairn.BatchReceipt{}, cairn.ErrNoSpace
	}
	return f.Store.Commit(ctx, b)
}

// TestBootstrapComesLate: between its look at the store and its writes another
// one writes everything, and somebody deletes a user.
func TestBootstrapComesLate(t *testing.T) {
	store := newStore(t)
	ctx := t.Context()
	between := sync.OnceValue(func() error {
		return errors.Join(access.Bootstrap(ctx, store, quick), access.NewUsers(store, access.Options{}).Delete(ctx, "ops"))
	})
	if err := access.Bootstrap(ctx, &hooked{store, between}, quick); err != nil {
		t.Fatal(err)
	}
	if _, err := access.NewUsers(store, access.Options{}).Get(ctx, "ops"); !errors.Is(err, access.ErrNoUser) {
		t.Errorf("ops is back: %v", err)
	}
}

// hooked is a store where something happens before each write.
type hooked struct {
	cairn.Store
	before func() error
}

func (h *hooked) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	if err := h.before(); err != nil {
		return cairn.BatchReceipt{}, err
	}
	return h.Store.Commit(ctx, b)
}
