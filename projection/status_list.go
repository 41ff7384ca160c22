package projection

import (
	"context"
	"errors"
	"strings"
)

// The names of a ledger's projections have entries of their own, because those of
// the projections may be many.
const namesPrefix = "name/"

func nameEntry(name string) string { return namesPrefix + name }

func nameValue(name string) string {
	return encode(struct {
		Name string `json:"name"`
	}{name})
}

// List lists the names of the projections that a ledger knows.
func List(ctx context.Context, ledger Ledger) ([]string, error) {
	entries, err := ledger.Entries(ctx, namesPrefix)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimPrefix(e.Key, namesPrefix)
	}
	return names, err
}

// Deployments describes all projections that a ledger knows, by name. Those that
// are removed meanwhile, and those of another store than the log's, are left out.
func Deployments(ctx context.Context, log Log, ledger Ledger) ([]Status, error) {
	names, err := List(ctx, ledger)
	if err != nil {
		return nil, err
	}
	var all []Status
	for _, name := range names {
		s, err := StatusOf(ctx, log, ledger, name)
		switch {
		case err == nil:
			all = append(all, s)
		case !errors.Is(err, ErrUnknown) && !errors.Is(err, ErrStore):
			return nil, err
		}
	}
	return all, nil
}
