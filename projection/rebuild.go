package projection

import (
	"context"
	"errors"
	"fmt"

	"github.com/cairndb/cairn"
)

// Rebuild begins to build a version of a projection anew, from the first event on,
// and returns the number of the new build. The programs that run [Deploy] for this
// version load it beside the one that readers see, and switch to it when it is
// level; the old build is then kept for the grace time. If a build of the version
// is being loaded already, its number is returned and no other is begun.
//
// A projection whose version nobody has begun is an [ErrUnknown], one that cannot
// have two builds a [*cairn.InvalidError].
func Rebuild[Tx any](ctx context.Context, log Log, target Target[Tx], p Projection[Tx]) (build int, err error) {
	r, err := newRunner(log, target, p, nil)
	if err != nil {
		return 0, err
	}
	return r.rebuild(ctx)
}

// rebuild begins a new build, unless one is under way. So it does no harm to ask
// for it again when the outcome is not known.
func (r *runner[Tx]) rebuild(ctx context.Context) (build int, err error) {
	if err := r.rebuildable(); err != nil {
		return 0, err
	}
	for {
		err := r.persist(ctx, func(ctx context.Context) error {
			build, err = r.rebuildOnce(ctx, func(int) Change { return Change{} })
			return err
		})
		switch {
		case err == nil:
			return build, nil
		case !errors.Is(err, ErrMoved):
			return 0, fmt.Errorf("projection %q: beginning a build: %w", r.p.Name, err)
		}
	}
}

func (r *runner[Tx]) rebuildable() error {
	if _, ok := any(r.target).(Publisher); !ok || len(r.p.Tables) == 0 {
		return &cairn.InvalidError{Field: "tables", Problem: "a projection without Tables, or in a target that can hold one build only, cannot be built anew beside itself; remove it and begin again"}
	}
	return nil
}

// rebuildOnce begins a new build together with what else is to change, which depends
// on its number, or finds the one that is under way.
func (r *runner[Tx]) rebuildOnce(ctx context.Context, also func(build int) Change) (int, error) {
	d, raw, err := r.load(ctx)
	if err != nil {
		return 0, err
	}
	if _, there := d.version(r.p.Version); !there {
		return 0, nothing(r.p.Name, "version %d was never built", r.p.Version)
	}
	for _, b := range d.Builds {
		if b.Version == r.p.Version && b.Phase == Building {
			return b.Build, nil
		}
	}
	b, err := r.begin(ctx, d, raw, also(d.Last+1))
	return b.Build, err
}
