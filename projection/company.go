package projection

import (
	"context"
	"fmt"
	"sync"

	"github.com/cairndb/cairn"
)

// company is what runs beside a build in Run: it is completed when it is level,
// builds are dropped whose time has come, the status is reported, and what is asked
// through the log is done.
func (r *runner[Tx]) company(b Definition) []func(ctx context.Context) error {
	all := []func(ctx context.Context) error{
		r.completing(b), r.noticing(b), r.reporting(b), r.attending(b),
	}
	if publisher, ok := any(r.target).(Publisher); ok {
		all = append(all, tidying(publisher, r.p.Name, func(build int) bool { return build == b.Build }))
	}
	return all
}

// noticing ends the runner of a build that was dropped, also if there is no event
// by which it would notice.
func (r *runner[Tx]) noticing(b Definition) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		for rest(ctx, tidyEvery) {
			d, _, err := loadDeployment(ctx, r.target, r.place)
			if err != nil {
				continue // the lanes say so
			}
			if now, there := d.build(b.Build); !there || now.Phase == Dropping || !now.Begun.Equal(b.Begun) {
				return fmt.Errorf("projection %q: build %d of version %d: %w", r.p.Name, b.Build, b.Version, ErrDiscarded)
			}
		}
		return nil
	}
}

// completing completes a build once it is level, if it is not complete yet.
func (r *runner[Tx]) completing(b Definition) func(ctx context.Context) error {
	if !b.Leveled.IsZero() {
		return func(context.Context) error { return nil }
	}
	leveled := r.signal()
	return func(ctx context.Context) error {
		select {
		case <-leveled:
			return r.complete(ctx, b.Build)
		case <-ctx.Done():
			return nil
		}
	}
}

// signal is where the runner says that all lanes have come to a head, the last
// time since somebody looked.
func (r *runner[Tx]) signal() <-chan struct{} {
	leveled := make(chan struct{}, 1)
	r.level = func(cairn.Position) {
		select {
		case leveled <- struct{}{}:
		default:
		}
	}
	return leveled
}

// A breakdown is why a context ends whose functions are ended by one of them, and
// not by whoever has begun them.
type breakdown struct{ error }

func (b *breakdown) Unwrap() error { return b.error }

// together runs functions side by side and waits for all of them. The first error
// ends the others and is returned; a function that returns nil ends nobody. If ctx
// ends first, its cause is returned.
func together(ctx context.Context, all ...func(ctx context.Context) error) error {
	inner, end := context.WithCancelCause(ctx)
	defer end(nil)
	var wg sync.WaitGroup
	var once sync.Once
	var first error
	for _, one := range all {
		wg.Go(func() {
			if err := one(inner); err != nil {
				once.Do(func() { first = err })
				end(&breakdown{err})
			}
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return first
}
