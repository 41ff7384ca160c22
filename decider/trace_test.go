package decider_test

import (
	"context"
	"errors"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/decider"
)

func TestMetadata(t *testing.T) {
	cause := cairn.Recorded{Event: cairn.Event{ID: cairn.ID{15: 1}}}
	told := cause
	told.Metadata = []byte(`{"$correlationId":"req-1","$causationId":"x"}`)
	odd := cause
	odd.Metadata = []byte(`{"$correlationId":7}`)
	binary := cause
	binary.Metadata = []byte{0xff}
	unknown := cairn.Recorded{Event: cairn.Event{Metadata: []byte(`{"$correlationId":"req-1"}`)}}
	const id = `00000000-0000-0000-0000-000000000001`

	user := func(context.Context) map[string]any { return map[string]any{"user": "ann"} }
	for name, c := range map[string]struct {
		ctx  context.Context
		meta func(context.Context) map[string]any
		want string
	}{
		"none":          {t.Context(), nil, ``},
		"empty":         {t.Context(), func(context.Context) map[string]any { return nil }, ``},
		"user":          {t.Context(), user, `{"user":"ann"}`},
		"correlation":   {decider.WithCorrelation(t.Context(), "req-1"), user, `{"$correlationId":"req-1","user":"ann"}`},
		"cause":         {decider.CausedBy(t.Context(), cause), nil, `{"$causationId":"` + id + `","$correlationId":"` + id + `"}`},
		"cause told":    {decider.CausedBy(t.Context(), told), nil, `{"$causationId":"` + id + `","$correlationId":"req-1"}`},
		"cause odd":     {decider.CausedBy(t.Context(), odd), nil, `{"$causationId":"` + id + `","$correlationId":"` + id + `"}`},
		"cause binary":  {decider.CausedBy(t.Context(), binary), nil, `{"$causationId":"` + id + `","$correlationId":"` + id + `"}`},
		"cause, then":   {decider.WithCorrelation(decider.CausedBy(t.Context(), told), "b"), nil, `{"$causationId":"` + id + `","$correlationId":"b"}`},
		"cause unknown": {decider.CausedBy(decider.CausedBy(t.Context(), cause), unknown), nil, `{"$correlationId":"req-1"}`},
		"of nothing":    {decider.CausedBy(t.Context(), cairn.Recorded{}), nil, ``},
		"then nothing":  {decider.CausedBy(decider.WithCorrelation(t.Context(), "b"), cairn.Recorded{}), nil, `{"$correlationId":"b"}`},
		"a later cause": {decider.CausedBy(decider.WithCorrelation(t.Context(), "b"), told), nil, `{"$causationId":"` + id + `","$correlationId":"req-1"}`},
	} {
		store := newStore(t)
		accounts := decider.New(store, events, state.evolve, &options{Metadata: c.meta})
		must(accounts.Do(c.ctx, "account-1", deposit(1)))(t)
		r := must(cairn.Collect(store.ReadStream(t.Context(), "account-1", cairn.ReadOptions{})))(t)[0]
		if string(r.Metadata) != c.want {
			t.Errorf("%s: got %s, want %s", name, r.Metadata, c.want)
		}
	}
}

func TestMetadataThatIsNotJSON(t *testing.T) {
	store := newStore(t)
	accounts := decider.New(store, events, state.evolve, &options{
		Metadata: func(context.Context) map[string]any { return map[string]any{"f": func() {}} },
	})
	if _, err := accounts.Do(t.Context(), "account-1", deposit(1)); err == nil || errors.Is(err, decider.ErrGaveUp) {
		t.Error(err)
	}
	if info, _ := store.Info(t.Context()); info.Head != 0 {
		t.Error("stored it")
	}
}
