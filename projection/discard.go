package projection

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cairndb/cairn"
)

// A discarder removes builds.
type discarder struct {
	publisher Publisher
	name      string
	place     place
}

// condemn marks a build as one to be dropped and takes its lanes away, so that
// nobody writes to it any more. It returns nil if the build is not to be dropped.
func (x discarder) condemn(ctx context.Context, build int, really func(*Definition) bool) (*Definition, error) {
	for {
		d, raw, err := loadDeployment(ctx, x.publisher, x.place)
		if err != nil {
			return nil, err
		}
		b, there := d.build(build)
		switch {
		case !there:
			return nil, nothing(x.name, "there is no build %d", build)
		case d.Active == build:
			return nil, &cairn.InvalidError{Field: "build", Problem: fmt.Sprintf("%d is the one that readers see; switch to another one first, or remove the whole projection", build)}
		case !really(&b):
			return nil, nil
		}
		if err := x.mark(ctx, d, raw, &b); !errors.Is(err, ErrMoved) {
			return &b, err
		}
	}
}

// mark writes that a build is to be dropped. What is written already is written
// anew, as a runner may have begun a lane in between.
func (x discarder) mark(ctx context.Context, d deployment, raw string, b *Definition) error {
	lanes, err := loadCheckpoints(ctx, x.publisher, x.place, b.Build)
	if err != nil || b.Phase == Dropping && len(lanes) == 0 {
		return err
	}
	b.Phase = Dropping
	if d.Previous == b.Build {
		d.Previous = 0
	}
	c := Change{
		Expect: []Entry{{x.place.deployment(), raw}},
		Put:    []Entry{{x.place.deployment(), d.with(*b).encode()}},
	}
	for i := range lanes {
		c.Put = append(c.Put, Entry{Key: lanes[i].Key})
	}
	return x.publisher.Apply(ctx, c)
}

// discard removes the tables of a build, then what was remembered of it, and last
// the build itself, so that whoever finds it half removed knows what to do.
func (x discarder) discard(ctx context.Context, b *Definition) error {
	if err := x.tables(ctx, b); err != nil {
		return fmt.Errorf("projection %q: dropping build %d: %w", x.name, b.Build, err)
	}
	if err := clearBuild(ctx, x.publisher, x.place, b.Build); err != nil {
		return err
	}
	return x.forget(ctx, b.Build)
}

// tables removes the tables of a build. Those that no other build has may still be
// what readers see under the plain name: that is taken away with them, or they
// stay, where the target cannot do that.
func (x discarder) tables(ctx context.Context, b *Definition) error {
	d, _, err := loadDeployment(ctx, x.publisher, x.place)
	if err != nil || len(b.Tables) == 0 {
		return err
	}
	kept, gone := d.apart(b)
	if w, ok := x.publisher.(Withdrawer); ok && len(gone) > 0 {
		if err := w.Withdraw(ctx, Change{}, gone); err != nil {
			return err
		}
		kept = append(kept, gone...)
	}
	if len(kept) == 0 {
		return nil
	}
	return x.publisher.Discard(ctx, Change{}, kept, b.names())
}

// apart sorts the tables of a build into those that other builds have, too, and
// those that go with it.
func (d *deployment) apart(b *Definition) (kept, gone []string) {
	for _, table := range b.Tables {
		if slices.ContainsFunc(d.Builds, func(other Definition) bool {
			return other.Phase != Dropping && slices.Contains(other.Tables, table)
		}) {
			kept = append(kept, table)
		} else {
			gone = append(gone, table)
		}
	}
	return kept, gone
}

// forget removes a build from the deployment.
func (x discarder) forget(ctx context.Context, build int) error {
	for {
		d, raw, err := loadDeployment(ctx, x.publisher, x.place)
		if err != nil {
			return err
		}
		if _, there := d.build(build); !there {
			return nil
		}
		d.Builds = slices.DeleteFunc(slices.Clone(d.Builds), func(b Definition) bool { return b.Build == build })
		err = x.publisher.Apply(ctx, Change{
			Expect: []Entry{{x.place.deployment(), raw}},
			Put:    []Entry{{x.place.deployment(), d.encode()}},
		})
		if !errors.Is(err, ErrMoved) {
			return err
		}
	}
}

// clearBuild removes all other entries of a build. There may be many, so they are
// read in sixteen parts, as their keys begin with digests.
func clearBuild(ctx context.Context, l Ledger, p place, build int) error {
	prefixes := []string{p.lanes(build), p.skipped(build)}
	for _, each := range []string{p.keys(build), p.parked(build), p.build(build) + "row/"} {
		for _, digit := range "0123456789abcdef" {
			prefixes = append(prefixes, each+string(digit))
		}
	}
	for _, prefix := range append(prefixes, p.build(build)) {
		if err := erase(ctx, l, prefix); err != nil {
			return err
		}
	}
	return nil
}

// erase removes the entries below a prefix, some at a time.
func erase(ctx context.Context, l Ledger, prefix string) error {
	const some = 500
	entries, err := l.Entries(ctx, prefix)
	for part := range slices.Chunk(entries, some) {
		if err != nil {
			return err
		}
		gone := make([]Entry, len(part))
		for i, e := range part {
			gone[i] = Entry{Key: e.Key}
		}
		err = l.Apply(ctx, Change{Put: gone})
	}
	return err
}
