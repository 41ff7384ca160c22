package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"

	"github.com/cairndb/cairn"
)

// A shop that shares a broker or a database with others has a space of its own
// there. Unless --space says which, the shop was given a name when it was founded:
// whoever opens the same store finds the same space, and with a new store one
// begins with nothing, whatever is left of an older shop.

const (
	foundation  = "shop"
	typeFounded = "ShopFounded"
)

type founded struct {
	Space string `json:"space"`
}

var spaceName = regexp.MustCompile(`^[a-z0-9_-]{1,40}$`)

// checkSpace says whether brokers and databases alike would take a name.
func checkSpace(name string) error {
	if name != "" && !spaceName.MatchString(name) {
		return usageError{fmt.Errorf("--space %q: it must be 1 to 40 of a-z, 0-9, _ and -", name)}
	}
	return nil
}

// shares says whether the shop keeps anything where others may do so, too.
func (s *settings) shares() bool {
	return s.broker != "log" && s.broker != "memory" || isPostgres(s.readModels) || s.baskets != "" || s.reviews != ""
}

// named is the space of the shop that has a store.
func (s *settings) named(ctx context.Context, store cairn.Store) (string, error) {
	if s.space != "" || !s.shares() {
		return s.space, nil
	}
	if name, err := nameOf(ctx, store); name != "" || err != nil {
		return name, err
	}
	name := fmt.Sprintf("eshop_%08x", rand.Uint32())
	data, err := json.Marshal(founded{name})
	if err != nil {
		return "", err
	}
	_, err = store.Append(ctx, foundation, cairn.NoStream, cairn.Event{Type: typeFounded, Data: data})
	if _, late := errors.AsType[*cairn.ConflictError](err); late {
		return nameOf(ctx, store) // somebody else has founded it at this moment
	}
	return name, err
}

// nameOf is the name that the shop was given, or empty.
func nameOf(ctx context.Context, store cairn.Store) (string, error) {
	for e, err := range store.ReadStream(ctx, foundation, cairn.ReadOptions{Limit: 1}) {
		if err != nil {
			return "", err
		}
		var f founded
		if err := json.Unmarshal(e.Data, &f); err != nil {
			return "", fmt.Errorf("stream %q: %w", foundation, err)
		}
		if f.Space == "" {
			return "", fmt.Errorf("stream %q: %s without a space", foundation, e.Type)
		}
		return f.Space, checkSpace(f.Space)
	}
	return "", nil
}
