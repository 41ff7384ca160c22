package group_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/component"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/group"
)

// joined runs a group until it has handled an event, which it must be sent.
func joined(t *testing.T, store cairn.Store, o group.Options) group.GroupStatus {
	t.Helper()
	put(t, store, "order-1")
	handled := make(chan struct{}, 1)
	stop := start(t, func(ctx context.Context) error {
		return group.Run(ctx, store, "mailer", o, func(context.Context, cairn.Recorded) error {
			select {
			case handled <- struct{}{}:
			default:
			}
			return nil
		})
	})
	<-handled
	stop()
	s, err := group.Status(t.Context(), store, "mailer")
	must(t, err)
	return s
}

func inMemory(t *testing.T) cairn.Store {
	t.Helper()
	store, err := disk.OpenMemory(nil)
	must(t, err)
	t.Cleanup(func() { store.Close() })
	return store
}

// definitions are the events that define the group.
func definitions(t *testing.T, store cairn.Store) []cairn.Recorded {
	t.Helper()
	all, err := cairn.Collect(store.ReadStream(t.Context(), group.DefinitionStream("mailer"), cairn.ReadOptions{}))
	must(t, err)
	return all
}

var mailer = component.About{Kind: "handler", Service: "notification", Writes: []string{"letter"}}

func TestAboutIsNotedWhenItChanges(t *testing.T) {
	store := inMemory(t)
	for _, step := range []struct {
		says  component.About
		shown component.About
		notes int
	}{
		{component.About{}, component.About{}, 1},
		{mailer, mailer, 2},
		{mailer, mailer, 2},
		{component.About{}, mailer, 2}, // who says nothing takes nothing back
		{component.About{Kind: "sender"}, component.About{Kind: "sender"}, 3},
	} {
		s := joined(t, store, group.Options{About: step.says})
		equal(t, "about", s.About, step.shown)
		equal(t, "definitions", len(definitions(t, store)), step.notes)
	}
}

func TestAQueryThatChangesKeepsWhatIsNoted(t *testing.T) {
	store := inMemory(t)
	joined(t, store, group.Options{About: mailer})
	s := joined(t, store, group.Options{Query: cairn.ByCategory("order")})
	equal(t, "about", s.About, mailer)
	equal(t, "query", s.Query, cairn.ByCategory("order"))
}

// A definition as it was written before groups were described is that of a group
// that is not, and readers of that time find in a new one what they know.
func TestOldDefinitions(t *testing.T) {
	store := inMemory(t)
	joined(t, store, group.Options{Partitions: 4, About: mailer})
	var old struct {
		Partitions int         `json:"partitions"`
		Query      cairn.Query `json:"query"`
	}
	must(t, json.Unmarshal(definitions(t, store)[0].Data, &old))
	equal(t, "partitions", old.Partitions, 4)
	_, err := store.Append(t.Context(), group.DefinitionStream("mailer"), cairn.Any,
		cairn.Event{Type: "$group-defined", Data: []byte(`{"partitions":4,"start":0}`)})
	must(t, err)
	s, err := group.Status(t.Context(), store, "mailer")
	must(t, err)
	if !s.About.IsZero() {
		t.Errorf("it is described as %+v", s.About)
	}
	equal(t, "about", joined(t, store, group.Options{About: mailer}).About, mailer)
}

// What is not described is defined in the very bytes in which it always was.
func TestWithoutAboutNothingIsWritten(t *testing.T) {
	store := inMemory(t)
	joined(t, store, group.Options{})
	var fields map[string]any
	must(t, json.Unmarshal(definitions(t, store)[0].Data, &fields))
	if _, there := fields["about"]; there || !reflect.DeepEqual(fields["partitions"], 64.0) {
		t.Errorf("the definition is %v", fields)
	}
}

func TestAboutThatIsTooLongIsRefused(t *testing.T) {
	store := inMemory(t)
	err := group.Run(t.Context(), store, "mailer", group.Options{About: component.About{Service: strings.Repeat("x", 257)}}, nil)
	if e, ok := errors.AsType[*cairn.InvalidError](err); !ok || e.Field != "about.service" || e.Limit != component.MaxText {
		t.Errorf("the error is %v", err)
	}
}
