package decider_test

import (
	"errors"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
	"github.com/cairndb/cairn/decider"
)

func TestPlan(t *testing.T) {
	store := newStore(t)
	accounts := over(store)
	const stream = "account-1"
	commit := func(writes ...cairn.Write) error {
		_, err := store.Commit(t.Context(), cairn.Batch{Writes: writes})
		return err
	}
	w, s, err := accounts.Plan(decider.WithCorrelation(t.Context(), "talk"), stream, open("Ann"))
	if err != nil || s != (state{"Ann", 0, 1}) || w.Expected != cairn.NoStream || len(w.Events) != 1 || string(w.Events[0].Metadata) != `{"$correlationId":"talk"}` {
		t.Fatalf("%+v %+v %v", w, s, err)
	}
	if s, at, err := accounts.Load(t.Context(), stream); s != (state{}) || at != cairn.NoStream || err != nil {
		t.Error("planning has stored something:", s, at, err)
	}
	if err := commit(w); err != nil {
		t.Fatal(err)
	}
	two, _, err := accounts.Plan(t.Context(), stream, deposit(2))
	three, _, err2 := accounts.Plan(t.Context(), stream, deposit(3))
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	if err := commit(two); err != nil {
		t.Fatal(err)
	}
	if err := commit(three); !errors.Is(err, cairn.ErrConflict) {
		t.Error("who came second is stored:", err)
	}
	if w, s, err = accounts.Plan(t.Context(), stream, withdraw(9)); err != errFunds || s.Cents != 2 || len(w.Events) != 0 {
		t.Errorf("%+v %+v %v", w, s, err)
	}
	if w, _, err = accounts.Plan(t.Context(), stream, open("Ann")); err != nil || len(w.Events) != 0 || w.Expected != 1 {
		t.Errorf("a decision for nothing: %+v %v", w, err)
	}
	if err := errors.Join(commit(w), commit(w)); err != nil {
		t.Error("what writes nothing can be written twice:", err)
	}
}

// TestPlanOverADeletedStream: what was soft-deleted can be planned for.
func TestPlanOverADeletedStream(t *testing.T) {
	store := newStore(t)
	accounts := over(store)
	fill(t, store, "account-1", 3)
	must(store.Commit(t.Context(), cairn.Batch{Writes: []cairn.Write{{Stream: "account-1", Expected: cairn.Any, Delete: cairn.SoftDelete}}}))(t)
	w, s, err := accounts.Plan(t.Context(), "account-1", open("Bob"))
	if err != nil || s.Owner != "Bob" {
		t.Fatal(s, err)
	}
	must(store.Commit(t.Context(), cairn.Batch{Writes: []cairn.Write{w}}))(t)
	if s, _, err := accounts.Load(t.Context(), "account-1"); s.Owner != "Bob" || err != nil {
		t.Error(s, err)
	}
}

// TestPlanOverWhatIsHidden: where the stream stands counts, and not the last event
// that can be read, or planning again would conflict for ever.
func TestPlanOverWhatIsHidden(t *testing.T) {
	store := newStore(t)
	fill(t, store, "account-1", 3)
	must(cairn.Truncate(t.Context(), store, "account-1", 3))(t)
	info := must(store.StreamInfo(t.Context(), "account-1"))(t)
	w, s, err := over(store).Plan(t.Context(), "account-1", deposit(5))
	if err != nil || w.Expected != info.Last || s.Cents != 5 {
		t.Fatalf("%+v %+v %v", w, s, err)
	}
	must(store.Commit(t.Context(), cairn.Batch{Writes: []cairn.Write{w}}))(t)
}

// TestPlanThatCannotBeStored: no plan is left over that could be committed.
func TestPlanThatCannotBeStored(t *testing.T) {
	store := newStore(t)
	fill(t, store, "account-1", 2)
	half := func(state) ([]event, error) { return []event{deposited{7}, stranger{}}, nil }
	w, s, err := over(store).Plan(t.Context(), "account-1", half)
	if _, ok := errors.AsType[*codec.EncodeError](err); !ok || len(w.Events) != 0 || s.Cents != 2 {
		t.Errorf("%+v %+v %v", w, s, err)
	}
	must(store.Commit(t.Context(), cairn.Batch{Writes: []cairn.Write{{Stream: "account-1", Expected: cairn.Any, Delete: cairn.Tombstone}}}))(t)
	if _, s, err := over(store).Plan(t.Context(), "account-1", deposit(1)); !errors.Is(err, cairn.ErrStreamDeleted) || s != (state{}) {
		t.Error(s, err)
	}
}
