package projection

import (
	"context"
	"errors"
	"fmt"
)

// A Withdrawer is a [Publisher] that can take plain names away, which removing a
// whole projection needs.
type Withdrawer interface {
	Publisher

	// Withdraw makes the plain names of tables stand for nothing any more, as they
	// did before they were first published. Names that stand for nothing are
	// none of its business. The change is made in the same step or after it; it
	// fails with ErrMoved, and takes nothing away, if an expected entry does not
	// stand as the change says.
	Withdraw(ctx context.Context, c Change, tables []string) error
}

// Remove removes a projection with all of its builds: their tables, the plain
// names that readers use, and all that was remembered. Its runners end with
// [ErrDiscarded]; one that is started again begins anew. What a projection without
// Tables has written stays. A projection that is not there is no error, so that a
// Remove that did not come to its end can be called again.
//
// A target that is no [Withdrawer] cannot take away what readers see: then Remove
// fails with [errors.ErrUnsupported] and has done nothing.
func Remove(ctx context.Context, ledger Ledger, name string) error {
	if err := checkName("name", name); err != nil {
		return err
	}
	r := remover{ledger, name, placeOf(name)}
	d, err := r.condemn(ctx)
	if err != nil {
		return err
	}
	if err := r.tables(ctx, d); err != nil {
		return err
	}
	for i := range d.Builds {
		if err := clearBuild(ctx, ledger, r.place, d.Builds[i].Build); err != nil {
			return err
		}
	}
	return errors.Join(erase(ctx, ledger, r.place.asks()), r.forget(ctx))
}

// forget removes what is left, and with it the name: whoever begins the projection
// anew at this moment writes both.
func (r remover) forget(ctx context.Context) error {
	for {
		d, raw, err := loadDeployment(ctx, r.ledger, r.place)
		if err != nil || raw == "" || d.Active != 0 { // somebody else has removed it, and a third one begun it
			return err
		}
		c := Change{
			Expect: []Entry{{r.place.deployment(), raw}},
			Put:    []Entry{{Key: r.place.deployment()}, {Key: nameEntry(r.name)}},
		}
		if err := disown(ctx, r.ledger, r.name, &d, &c); err != nil {
			return err
		}
		if err := r.ledger.Apply(ctx, c); !errors.Is(err, ErrMoved) {
			return err
		}
	}
}

// A remover removes a projection.
type remover struct {
	ledger Ledger
	name   string
	place  place
}

// condemn marks all builds as to be dropped, so that nobody runs them.
func (r remover) condemn(ctx context.Context) (deployment, error) {
	for {
		d, raw, err := loadDeployment(ctx, r.ledger, r.place)
		if err != nil || raw == "" {
			return d, err
		}
		if err := r.able(&d); err != nil {
			return d, err
		}
		c := Change{Expect: []Entry{{r.place.deployment(), raw}}}
		for _, b := range d.Builds {
			b.Phase = Dropping
			d = d.with(b)
			for n := range b.Lanes {
				c.Put = append(c.Put, Entry{Key: r.place.lane(b.Build, n)})
			}
		}
		d.Active, d.Previous = 0, 0
		if c.Put = append(c.Put, Entry{r.place.deployment(), d.encode()}); d.encode() == raw {
			return d, nil
		}
		if err = r.ledger.Apply(ctx, c); !errors.Is(err, ErrMoved) {
			return d, err
		}
	}
}

// able refuses what cannot be done to the end.
func (r remover) able(d *deployment) error {
	for i := range d.Builds {
		if _, ok := r.ledger.(Withdrawer); len(d.Builds[i].Tables) > 0 && !ok {
			return fmt.Errorf("projection %q: this target cannot take away the names that readers use; remove them by hand, and use another name for the projection: %w", r.name, errors.ErrUnsupported)
		}
	}
	return nil
}

// tables takes the plain names away, and then what they stood for.
func (r remover) tables(ctx context.Context, d deployment) error {
	w, ok := r.ledger.(Withdrawer)
	if !ok {
		return nil // then there are none
	}
	for i := range d.Builds {
		b := &d.Builds[i]
		if len(b.Tables) == 0 {
			continue
		}
		if err := w.Withdraw(ctx, Change{}, b.Tables); err != nil {
			return err
		}
		if err := w.Discard(ctx, Change{}, b.Tables, b.names()); err != nil {
			return err
		}
	}
	return nil
}
