package component

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/cairndb/cairn"
)

// The streams in which components are noted: one for each.
const (
	prefix    = "$component-"
	typeNoted = "$component-noted"
)

// A Store is what is needed of a [cairn.Store] to note something.
type Store interface {
	cairn.Appender
	cairn.StreamReader
}

// A Component is a part of a system that was noted.
type Component struct {
	Name string
	About
	Noted time.Time // when this was said first, by the store's clock
}

// Stream is where a component is noted. Its last event is its About as JSON. On a
// server with users whoever notes it must be allowed to write it.
func Stream(name string) string { return prefix + name }

// Note says what a component is. It writes only what is not noted already, so it
// may be called at each start, by any number of processes. A name or About that
// makes no sense is a [*cairn.InvalidError]. Nothing else depends on it, so its
// failure is no reason for the component not to start.
func Note(ctx context.Context, store Store, name string, a About) error {
	if err := checkName(name); err != nil {
		return err
	}
	if err := a.Validate(); err != nil {
		return err
	}
	known, err := Read(ctx, store, name)
	if err != nil || known != nil && known.Equal(a) {
		return err
	}
	data, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = store.Append(ctx, Stream(name), cairn.Any, cairn.Event{Type: typeNoted, Data: data})
	return err
}

// Forget takes a component out of [List], until it is noted again. One that was
// never noted is forgotten already.
func Forget(ctx context.Context, store cairn.Committer, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	_, err := store.Commit(ctx, cairn.Batch{Writes: []cairn.Write{{Stream: Stream(name), Expected: cairn.Any, Delete: cairn.SoftDelete}}})
	if errors.Is(err, cairn.ErrConflict) || errors.Is(err, cairn.ErrStreamDeleted) {
		return nil // there is none
	}
	return err
}

// Read is what was noted of a component last; nil if nothing was.
func Read(ctx context.Context, store cairn.StreamReader, name string) (*Component, error) {
	for e, err := range store.ReadStream(ctx, Stream(name), cairn.ReadOptions{Backward: true, Limit: 1}) {
		if errors.Is(err, cairn.ErrStreamDeleted) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		c := &Component{Name: name, Noted: e.Time}
		if e.Type != typeNoted || json.Unmarshal(e.Data, &c.About) != nil || c.About.Validate() != nil {
			return nil, nil // somebody else's event
		}
		return c, nil
	}
	return nil, nil
}

// List lists the components by name. It costs as much as was ever noted, however
// long the log is.
func List(ctx context.Context, store interface {
	cairn.StreamReader
	cairn.LogReader
}) (all []Component, err error) {
	seen := map[string]bool{}
	q := cairn.Query{{Types: []string{typeNoted}, Categories: []string{cairn.Category(prefix)}}}
	for e, err := range store.ReadAll(ctx, cairn.AllOptions{Query: q}) {
		if err != nil {
			return nil, err
		}
		name := e.Stream[min(len(prefix), len(e.Stream)):]
		if seen[name] || name == "" {
			continue
		}
		seen[name] = true
		c, err := Read(ctx, store, name)
		if err != nil {
			return nil, err
		}
		if c != nil {
			all = append(all, *c)
		}
	}
	slices.SortFunc(all, func(a, b Component) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

func checkName(name string) error {
	if name == "" {
		return &cairn.InvalidError{Field: "component", Problem: "must not be empty"}
	}
	if len(name) > MaxText {
		return &cairn.InvalidError{Field: "component", Problem: "is longer than 256 bytes", Limit: MaxText}
	}
	return cairn.ValidateStream("component", Stream(name))
}
