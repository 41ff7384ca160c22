package component_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/component"
	"github.com/cairndb/cairn/engine/disk"
)

func open(t *testing.T) cairn.Store {
	t.Helper()
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

var billing = component.About{
	Kind: "subscriber", Service: "billing", Via: "nats", Hears: []string{"shop.orders"}, Tells: []string{"shop.bills"},
	Types: []string{"bill.sent"}, Writes: []string{"invoice"},
}

func head(t *testing.T, s cairn.Store) cairn.Position {
	t.Helper()
	info, err := s.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info.Head
}

func note(t *testing.T, s cairn.Store, name string, a component.About) {
	t.Helper()
	if err := component.Note(t.Context(), s, name, a); err != nil {
		t.Fatal(err)
	}
}

func TestNoteIsReadAgain(t *testing.T) {
	s := open(t)
	note(t, s, "b", billing)
	note(t, s, "a/<script>-x", component.About{})
	all, err := component.List(t.Context(), s)
	if err != nil || len(all) != 2 || all[0].Name != "a/<script>-x" || all[1].Name != "b" || !all[1].Equal(billing) || all[1].Noted.IsZero() {
		t.Errorf("listed are %+v, %v", all, err)
	}
}

func TestNoteWritesOnlyWhatIsNew(t *testing.T) {
	s := open(t)
	note(t, s, "b", billing)
	before := head(t, s)
	empty := billing
	empty.Tells = slices.Clone(empty.Tells)
	note(t, s, "b", empty)
	if got := head(t, s); got != before {
		t.Errorf("the same was noted again: the head went from %d to %d", before, got)
	}
	changed := billing
	changed.Writes = []string{"invoice", "credit"}
	note(t, s, "b", changed)
	c, err := component.Read(t.Context(), s, "b")
	if err != nil || c == nil || !c.Equal(changed) {
		t.Errorf("noted is %+v, %v", c, err)
	}
	if all, _ := component.List(t.Context(), s); len(all) != 1 {
		t.Errorf("a component that has changed is listed %d times", len(all))
	}
}

func TestForgottenAndNotedAgain(t *testing.T) {
	s := open(t)
	note(t, s, "b", billing)
	if err := component.Forget(t.Context(), s, "b"); err != nil {
		t.Fatal(err)
	}
	if all, err := component.List(t.Context(), s); err != nil || len(all) != 0 {
		t.Errorf("a forgotten one is listed: %v, %v", all, err)
	}
	note(t, s, "b", billing)
	if all, err := component.List(t.Context(), s); err != nil || len(all) != 1 {
		t.Errorf("one that was noted again is not listed: %v, %v", all, err)
	}
	if err := component.Forget(t.Context(), s, "never"); err != nil {
		t.Errorf("what was never noted: %v", err)
	}
}

func TestOthersEventsAreNoNotes(t *testing.T) {
	s := open(t)
	for i, data := range []string{`{`, `[]`, `{"kind":"` + strings.Repeat("x", 300) + `"}`} {
		if _, err := s.Append(t.Context(), fmt.Sprintf("$component-%d", i), cairn.Any, cairn.Event{Type: "$component-noted", Data: []byte(data)}); err != nil {
			t.Fatal(err)
		}
	}
	if all, err := component.List(t.Context(), s); err != nil || len(all) != 0 {
		t.Errorf("listed are %+v, %v", all, err)
	}
}

func TestLimits(t *testing.T) {
	s := open(t)
	long, many := strings.Repeat("x", component.MaxText+1), slices.Repeat([]string{"x"}, component.MaxNames+1)
	for field, a := range map[string]component.About{
		"about.kind": {Kind: long}, "about.service": {Service: "a\nb"}, "about.via": {Via: "\xff"}, "about.hears": {Hears: many},
		"about.tells[1]": {Tells: []string{"a", ""}}, "about.types[0]": {Types: []string{long}}, "about.writes": {Writes: many},
	} {
		err := component.Note(t.Context(), s, "b", a)
		if e, ok := errors.AsType[*cairn.InvalidError](err); !ok || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	for _, name := range []string{"", long, "\xff"} {
		if err := component.Note(t.Context(), s, name, billing); !errors.Is(err, cairn.ErrInvalid) {
			t.Errorf("name %.9q: %v", name, err)
		}
	}
	if got := head(t, s); got != 0 {
		t.Errorf("what is invalid was noted")
	}
	full := component.About{Kind: long[1:], Hears: many[1:], Types: slices.Repeat([]string{long[1:]}, component.MaxNames)}
	note(t, s, "b", full)
}

func TestOr(t *testing.T) {
	got := component.About{Kind: "mine", Hears: []string{"h"}}.Or(billing)
	want := billing
	want.Kind, want.Hears = "mine", []string{"h"}
	if !got.Equal(want) {
		t.Errorf("got %+v", got)
	}
	if !(component.About{}).IsZero() || !(component.About{Hears: []string{}}).IsZero() || billing.IsZero() {
		t.Error("what says nothing is not told from what does")
	}
}

func TestNames(t *testing.T) {
	got := component.Names([]string{"b", "", "a", "b", "\x00", strings.Repeat("x", 300)})
	if !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %q", got)
	}
	var many []string
	for i := range 500 {
		many = append(many, fmt.Sprint(i))
	}
	if err := (component.About{Types: component.Names(many)}).Validate(); err != nil {
		t.Error(err)
	}
}

func TestNoteTellsOfTheStore(t *testing.T) {
	s := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := component.Note(ctx, s, "b", billing); err == nil {
		t.Error("a note that was not written is no error")
	}
}
