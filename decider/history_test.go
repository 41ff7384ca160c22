package decider_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/decider"
)

var noon = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)

// dated stores deposits of 1, one a minute from noon on.
func dated(t *testing.T, s cairn.Store, minutes ...int) {
	t.Helper()
	for _, m := range minutes {
		must(s.Append(t.Context(), "account-1", cairn.Any, cairn.Event{
			Type: "account.deposited", Data: []byte(`{"Cents":1}`), Time: noon.Add(time.Duration(m) * time.Minute),
		}))(t)
	}
}

func TestStateAt(t *testing.T) {
	store := newStore(t)
	dated(t, store, 0, 1, 2, 3)
	for _, c := range []struct{ at, last, cents int64 }{{-1, -1, 0}, {0, 0, 1}, {2, 2, 3}, {3, 3, 4}, {99, 3, 4}} {
		s, last, err := over(store).StateAt(t.Context(), "account-1", cairn.Revision(c.at))
		if err != nil || s.Cents != c.cents || int64(last) != c.last {
			t.Errorf("at %d: %+v at %v, %v", c.at, s, last, err)
		}
	}
	if s, last, err := over(store).StateAt(t.Context(), "account-2", 5); s != (state{}) || last != cairn.NoStream || err != nil {
		t.Error("missing stream:", s, last, err)
	}
	if _, _, err := over(store).StateAt(t.Context(), "account-1", cairn.Any); !errors.Is(err, cairn.ErrInvalid) {
		t.Error(err)
	}
}

func TestStateAsOf(t *testing.T) {
	store := newStore(t)
	dated(t, store, 0, 1, 1, 5, 2, 9)
	for _, c := range []struct {
		at          time.Duration
		last, cents int64
	}{
		{-1, -1, 0},
		{0, 0, 1},
		{time.Minute - 1, 0, 1},
		{time.Minute, 2, 3},
		{3 * time.Minute, 2, 3}, // the event of minute 5 ends it, although one of minute 2 follows
		{5 * time.Minute, 4, 5},
		{time.Hour, 5, 6},
	} {
		s, last, err := over(store).StateAsOf(t.Context(), "account-1", noon.Add(c.at))
		if err != nil || s.Cents != c.cents || int64(last) != c.last {
			t.Errorf("at %v: %+v at %v, %v", c.at, s, last, err)
		}
	}
}

func TestHistoryThatIsHidden(t *testing.T) {
	store := newStore(t)
	dated(t, store, 0, 1, 2, 3, 4)
	check := func(name string, revision cairn.Revision, at time.Duration, want error) {
		t.Helper()
		_, _, err := over(store).StateAt(t.Context(), "account-1", revision)
		_, _, err2 := over(store).StateAsOf(t.Context(), "account-1", noon.Add(at))
		if !errors.Is(err, want) || !errors.Is(err2, want) {
			t.Errorf("%s: %v, %v; want %v", name, err, err2, want)
		}
	}
	must(cairn.Truncate(t.Context(), store, "account-1", 2))(t)
	check("truncated", 1, time.Minute, decider.ErrHidden)
	check("shown", 2, 2*time.Minute, nil)
	must(cairn.Truncate(t.Context(), store, "account-1", 5))(t)
	check("all truncated", 4, time.Hour, decider.ErrHidden)
	must(cairn.DeleteStream(t.Context(), store, "account-1", cairn.Any))(t)
	check("deleted", 4, time.Hour, decider.ErrHidden)
	must(cairn.TombstoneStream(t.Context(), store, "account-1", cairn.Any))(t)
	check("tombstoned", 4, time.Hour, cairn.ErrStreamDeleted)
}

func TestHistoryWithAnEventNobodyKnows(t *testing.T) {
	store := newStore(t)
	dated(t, store, 0)
	must(store.Append(t.Context(), "account-1", 0, cairn.Event{Type: "account.odd"}))(t)
	if s, _, err := over(store).StateAt(t.Context(), "account-1", 0); err != nil || s.Cents != 1 {
		t.Error("before it:", s, err)
	}
	if _, _, err := over(store).StateAt(t.Context(), "account-1", 1); err == nil {
		t.Error("no error")
	} else if want := `decider: load stream "account-1": codec: unknown event type "account.odd" in stream "account-1" at revision 1`; fmt.Sprintf("%.*s", len(want), err) != want {
		t.Error(err)
	}
}
