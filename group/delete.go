package group

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cairndb/cairn"
)

// ErrInUse is matched by the error of deleting a group whose members are there.
var ErrInUse = errors.New("group: it has members")

// patience is for how many leases a member that is silent is taken to be there
// by who deletes the group.
const patience = 3

// Delete forgets a group: how far it is, and what it has parked. Its streams are
// soft-deleted, and a group of this name that is run later begins as a new one.
// The log stays as it is. A group that members were seen in lately is an
// [ErrInUse], unless force is set; then they end with [ErrUnknown].
func Delete(ctx context.Context, store Store, name string, force bool) error {
	g := names(name)
	e, ok, err := last(ctx, store, g.definition())
	if err != nil {
		return err
	}
	if !ok {
		return unknown(g)
	}
	var d definition
	if err := decode(&e, &d); err != nil {
		return err
	}
	if e.Type != typeDeleted { // else it was begun, and not ended
		if err := announce(ctx, store, g, &d, e.Revision, force); err != nil {
			return err
		}
	}
	return sweep(ctx, store, g, d.Partitions)
}

// announce tells the members that the group is deleted.
func announce(ctx context.Context, store Store, g names, d *definition, at cairn.Revision, force bool) error {
	there, err := seen(ctx, store, g)
	if err != nil {
		return err
	}
	if len(there) > 0 && !force {
		return fmt.Errorf("%w: %s of %q", ErrInUse, strings.Join(there, ", "), string(g))
	}
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	_, err = store.Append(ctx, g.definition(), at, system(typeDeleted, data, g.tag()))
	return err
}

// seen lists the members that were there lately, by the clock of who asks.
func seen(ctx context.Context, store Store, g names) (all []string, err error) {
	sights, err := beats(ctx, store, g)
	for id, s := range sights {
		if time.Since(s.seen) < patience*s.Lease {
			all = append(all, id)
		}
	}
	slices.Sort(all)
	return all, err
}

// sweep deletes the streams of a group, the definition last of all: until then
// it says what there is to delete.
func sweep(ctx context.Context, store Store, g names, partitions int) error {
	streams := []string{g.members()}
	for n := range partitions {
		streams = append(streams, g.progress(n), g.parked(n))
	}
	var b cairn.Batch
	for _, stream := range append(streams, g.definition()) {
		info, err := store.StreamInfo(ctx, stream)
		if err != nil {
			return err
		}
		if info.State == cairn.StreamLive {
			b.Writes = append(b.Writes, cairn.Write{Stream: stream, Expected: cairn.Any, Delete: cairn.SoftDelete})
		}
	}
	_, err := store.Commit(ctx, b)
	return err
}

func unknown(g names) error {
	return fmt.Errorf("%w: nobody has run group %q yet", ErrUnknown, string(g))
}
