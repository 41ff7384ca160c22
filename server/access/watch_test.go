package access_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
)

// deaf is a store whose log cannot be followed.
type deaf struct{ cairn.Store }

var errDeaf = errors.New("deaf")

func (deaf) ReadAll(context.Context, cairn.AllOptions) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) { yield(cairn.Recorded{}, errDeaf) }
}

// counting is a store that counts what it is asked.
type counting struct {
	cairn.Store
	infos int
}

func (c *counting) StreamInfo(ctx context.Context, stream string) (cairn.StreamInfo, error) {
	c.infos++
	return c.Store.StreamInfo(ctx, stream)
}

// TestExactWithoutFollowing: what cannot be followed is asked for.
func TestExactWithoutFollowing(t *testing.T) {
	store := newStore(t)
	if err := access.Bootstrap(t.Context(), store, quick); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	c := control(t, deaf{store}, access.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	for i := range 20 {
		first, second := "user1", "user2"
		if i%2 == 1 {
			first, second = second, first
		}
		setACL(t, store, "a", &cairn.ACL{Read: []string{first}})
		setSettings(t, store, `{"$userStreamAcl":{"$w":"`+first+`"}}`)
		if err := c.Users().ResetPassword(t.Context(), "ops", first); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			for _, a := range []access.Action{access.Read, access.Write} {
				if !can(t, c, access.Principal{Name: first}, a, "a") || can(t, c, access.Principal{Name: second}, a, "a") {
					t.Fatalf("change %d did not count", i)
				}
			}
			if !authenticated(t, c, basic("ops", first)) || authenticated(t, c, basic("ops", second)) {
				t.Fatalf("password %d did not count", i)
			}
		}
	}
	_ = c.Close()
	if !strings.Contains(log.String(), "deaf") {
		t.Errorf("logged %q", log.String())
	}
}

// TestNothingIsAskedTwice when nothing changes.
func TestNothingIsAskedTwice(t *testing.T) {
	store := &counting{Store: newStore(t)}
	if err := access.Bootstrap(t.Context(), store, quick); err != nil {
		t.Fatal(err)
	}
	c := control(t, store, access.Options{})
	changed := c.Changed()
	setACL(t, store, "a", &cairn.ACL{Read: []string{"user1"}})
	<-changed
	if _, err := store.Append(t.Context(), "a", cairn.Any, cairn.Event{Type: "that decides nothing"}); err != nil {
		t.Fatal(err)
	}
	ask := func() {
		can(t, c, user1, access.Read, "a")
		can(t, c, user1, access.Write, "a")
		authenticated(t, c, basic("admin", "changeit"))
	}
	for quiet := 0; quiet < 100; quiet++ {
		before := store.infos
		if ask(); store.infos != before {
			quiet = 0 // the follower was not there yet
		}
		if store.infos > 100_000 {
			t.Fatal("it is asked for ever")
		}
	}
}

func TestChangesAreTold(t *testing.T) {
	c, store := newControl(t, access.Options{})
	for name, change := range map[string]func(){
		"metadata": func() { setACL(t, store, "a", nil) },
		"settings": func() { setSettings(t, store, `{}`) },
		"a user":   func() { create(t, c, "u", "p") },
	} {
		changed := c.Changed()
		select {
		case <-changed:
			t.Errorf("%s: told before it was", name)
		default:
		}
		change()
		<-changed
		caughtUp(t, c, store) // a user takes several events
	}
}

// caughtUp returns when the control has seen all that is in the store.
func caughtUp(t *testing.T, c *access.Control, store cairn.Inspector) {
	t.Helper()
	info, err := store.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for begin := time.Now(); c.Reached() < info.Head; runtime.Gosched() {
		if time.Since(begin) > 10*time.Second {
			t.Fatalf("it has come to %d of %d", c.Reached(), info.Head)
		}
	}
}

func TestErrorsOfTheStore(t *testing.T) {
	c, store := newControl(t, access.Options{})
	if _, err := c.Authenticate(t.Context(), basic("admin", "changeit"), nil); err != nil {
		t.Fatal(err)
	}
	if err := c.Check(access.With(t.Context(), user1), access.Read, ""); !errors.Is(err, cairn.ErrInvalid) {
		t.Errorf("no stream: %v", err)
	}
	_ = store.Close()
	if err := c.Check(access.With(t.Context(), user1), access.Read, "a"); !errors.Is(err, cairn.ErrClosed) {
		t.Errorf("check: %v", err)
	}
	if _, err := c.Authenticate(t.Context(), basic("admin", "changeit"), nil); !errors.Is(err, cairn.ErrClosed) {
		t.Errorf("authenticate: %v", err)
	}
	if _, err := access.New(t.Context(), store, access.Options{}); !errors.Is(err, cairn.ErrClosed) {
		t.Errorf("new: %v", err)
	}
	if err := access.Bootstrap(t.Context(), store, quick); !errors.Is(err, cairn.ErrClosed) {
		t.Errorf("bootstrap: %v", err)
	}
}
