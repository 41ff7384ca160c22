package decider_test

import (
	"testing"
	"time"

	"github.com/cairndb/cairn"
)

// However much of a stream is hidden, a decision is appended where the stream
// stands.
func TestDecidingOnHiddenStreams(t *testing.T) {
	for name, c := range map[string]struct {
		hide func(t *testing.T, s cairn.Store)
		want state
	}{
		"truncated": {func(t *testing.T, s cairn.Store) {
			must(cairn.Truncate(t.Context(), s, "account-1", 3))(t)
		}, state{Cents: 102, Moves: 3}},
		"last one of five": {func(t *testing.T, s cairn.Store) {
			must(cairn.SetMetadata(t.Context(), s, "account-1", cairn.NoStream, cairn.StreamMetadata{MaxCount: 1}))(t)
		}, state{Cents: 101, Moves: 2}},
		"all truncated": {func(t *testing.T, s cairn.Store) {
			must(cairn.Truncate(t.Context(), s, "account-1", 5))(t)
		}, state{Cents: 100, Moves: 1}},
		"soft-deleted": {func(t *testing.T, s cairn.Store) {
			must(cairn.DeleteStream(t.Context(), s, "account-1", cairn.Any))(t)
		}, state{Cents: 100, Moves: 1}},
		"all too old": {func(t *testing.T, s cairn.Store) {
			must(s.Append(t.Context(), "account-1", 4, cairn.Event{Type: "account.deposited", Data: []byte(`{}`), Time: long}))(t)
			must(cairn.Truncate(t.Context(), s, "account-1", 5))(t)
			must(cairn.SetMetadata(t.Context(), s, "account-1", 0, cairn.StreamMetadata{MaxAge: time.Hour, TruncateBefore: 5}))(t)
		}, state{Cents: 100, Moves: 1}},
		// An importer brought an old event: it is hidden, and it is the last.
		"the last one too old": {func(t *testing.T, s cairn.Store) {
			must(s.Append(t.Context(), "account-1", 4, cairn.Event{Type: "account.deposited", Data: []byte(`{}`), Time: long}))(t)
			must(cairn.SetMetadata(t.Context(), s, "account-1", cairn.NoStream, cairn.StreamMetadata{MaxAge: time.Hour}))(t)
		}, state{Cents: 105, Moves: 6}},
	} {
		t.Run(name, func(t *testing.T) {
			store := newStore(t)
			fill(t, store, "account-1", 5)
			c.hide(t, store)
			last := must(store.StreamInfo(t.Context(), "account-1"))(t).Last
			res, err := over(store).Do(t.Context(), "account-1", deposit(100))
			if err != nil || res.Revision != last+1 || res.State != c.want || res.Attempts > 2 {
				t.Errorf("got %+v, %v; want %+v at %v", res, err, c.want, last+1)
			}
		})
	}
}

// A stream that is empty when it is read may have events when it is asked where
// it stands. Expecting those without having folded them would lose an update.
func TestStreamBegunWhileLoading(t *testing.T) {
	store := newStore(t)
	s := &trap{Store: store, info: on(1, func() { fill(t, store, "account-1", 3) })}
	res, err := over(s).Do(t.Context(), "account-1", deposit(10))
	if err != nil || res.State.Cents != 13 || res.Revision != 3 {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestStreamRevivedWhileLoading(t *testing.T) {
	store := newStore(t)
	fill(t, store, "account-1", 3)
	must(cairn.DeleteStream(t.Context(), store, "account-1", cairn.Any))(t)
	// The second read of the load, after the inspection, is the one that counts.
	s := &trap{Store: store, append: once(func() { fill(t, store, "account-1", 2) })}
	res, err := over(s).Do(t.Context(), "account-1", deposit(10))
	if err != nil || res.State.Cents != 12 || res.Revision != 5 {
		t.Errorf("%+v, %v", res, err)
	}
}
