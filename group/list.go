package group

import (
	"context"
	"slices"
	"strings"

	"github.com/cairndb/cairn"
)

// List lists the groups of a store by name. It costs as much as there are
// groups, and have ever been, however long the log is.
func List(ctx context.Context, store Store) ([]string, error) {
	var all []string
	first := cairn.Query{{Types: []string{typeDefined}, First: true}}
	for e, err := range store.ReadAll(ctx, cairn.AllOptions{Query: first}) {
		if err != nil {
			return nil, err
		}
		g, ok := defined(e.Stream)
		if !ok {
			continue // somebody else's event
		}
		d, ok, err := last(ctx, store, g.definition())
		if err != nil {
			return nil, err
		}
		if ok && d.Type != typeDeleted {
			all = append(all, string(g))
		}
	}
	slices.Sort(all)
	return all, nil
}

// QueryOf is what a group selects, as its members said last. A group that nobody
// has run is an [ErrUnknown].
func QueryOf(ctx context.Context, store Store, name string) (cairn.Query, error) {
	d, err := readDefinition(ctx, store, names(name))
	return d.Query, err
}

// DefinitionStream is the stream that defines a group. A server takes who may
// read, write and delete it for who may look at the group, take part in it or
// operate it, and delete it.
func DefinitionStream(name string) string { return names(name).definition() }

// defined is the group that a stream defines, if it is one that does.
func defined(stream string) (names, bool) {
	name, began := strings.CutPrefix(stream, prefix)
	name, ended := strings.CutSuffix(name, "-definition")
	return names(name), began && ended && name != ""
}
