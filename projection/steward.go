package projection

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A steward is what a program has to carry requests out with. What is nil or zero it
// cannot do.
type steward struct {
	log       Log
	ledger    Ledger
	publisher Publisher
	name      string
	place     place

	// switching are the options of a switch to a build of a version; own reports
	// whether the version's code is here.
	switching func(version int) (o SwitchOptions, own bool)
	// retry applies what is parked in a build again, if it runs here.
	retry func(build int) func(ctx context.Context, b Definition, keys []string) ([]Retried, error)
	// rebuild begins a build of a version, if that is deployed here.
	rebuild func(version int) func(ctx context.Context) (int, error)
}

// postWithin is how long a switch is tried that was asked for through the log. There
// must be time left to say so.
const postWithin = 20 * time.Second

// able says how a request is carried out here. What nobody can know of, because it
// was invented later, is left to others.
func (s *steward) able(ctx context.Context, q Request) (*duty, error) {
	if q.checkPost(s.name) != nil {
		return nil, nil
	}
	d, _, err := loadDeployment(ctx, s.ledger, s.place)
	if err != nil {
		return nil, err
	}
	if moved := s.moved(&d, q); moved != nil {
		return &duty{act: func(context.Context) (string, error) { return "", moved }}, nil
	}
	duty := s.duty(&d, q)
	if duty != nil {
		duty.act = s.looking(q, duty.act)
	}
	return duty, nil
}

// looking makes sure that nothing has moved between the look at a request and its
// being taken.
func (s *steward) looking(q Request, act func(context.Context) (string, error)) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		d, _, err := loadDeployment(ctx, s.ledger, s.place)
		if err == nil {
			err = s.moved(&d, q)
		}
		if err != nil {
			return "", err
		}
		return act(ctx)
	}
}

// moved is why nothing is to be done: readers see something else than who has asked.
func (s *steward) moved(d *deployment, q Request) error {
	b, there := d.build(q.Build)
	switch {
	case q.Build > 0 && (!there || b.Phase == Dropping):
		return fmt.Errorf("build %d is not there any more; nothing was done", q.Build)
	case d.Active != q.Active:
		return fmt.Errorf("readers see build %d now, and saw build %d when it was asked for; nothing was done", d.Active, q.Active)
	case q.What == AskRollback && d.Previous != q.Build:
		return fmt.Errorf("rollback goes to build %d now, and went to build %d when it was asked for; nothing was done", d.Previous, q.Build)
	}
	return nil
}

func (s *steward) duty(d *deployment, q Request) *duty {
	switch active, _ := d.build(d.Active); q.What {
	case AskSwitch, AskRollback:
		return s.shift(d, q)
	case AskSkip:
		return &duty{act: func(ctx context.Context) (string, error) { return s.skip(ctx, q) }}
	case AskRetry:
		if retry := s.retry(active.Build); retry != nil {
			return &duty{act: func(ctx context.Context) (string, error) { return retried(retry(ctx, active, q.keys())) }}
		}
	case AskRebuild:
		if rebuild := s.rebuild(active.Version); rebuild != nil {
			return &duty{act: func(ctx context.Context) (string, error) {
				build, err := rebuild(ctx)
				return fmt.Sprintf("build %d of version %d is being loaded", build, active.Version), err
			}}
		}
	}
	return nil
}

// shift switches readers. Who has the code of the build that they are to see knows
// best how; to go back, nobody else need have it.
func (s *steward) shift(d *deployment, q Request) *duty {
	to, _ := d.build(q.Build)
	o, own := s.switching(to.Version)
	if s.publisher == nil || !own && q.What == AskSwitch {
		return nil
	}
	o.Within = postWithin
	return &duty{last: !own, act: func(ctx context.Context) (string, error) {
		return fmt.Sprintf("readers see build %d", q.Build), Switch(ctx, s.log, s.publisher, s.name, q.Build, &o)
	}}
}

// skip gives up what is parked under a key, if that is what was seen.
func (s *steward) skip(ctx context.Context, q Request) (string, error) {
	events, err := ParkedEvents(ctx, s.ledger, s.name, q.Build, q.Key)
	switch {
	case err != nil:
		return "", err
	case len(events) == 0:
		return "", errors.New("nothing is parked under the key any more; nothing was done")
	case events[0].Position != q.First:
		return "", fmt.Errorf("the first event that is parked under the key is now that at position %d; nothing was done", events[0].Position)
	}
	n, err := DropParked(ctx, s.ledger, s.name, q.Build, q.Key)
	return fmt.Sprintf("%d parked events were given up", n), err
}

func (q *Request) keys() []string {
	if q.Key == "" {
		return nil
	}
	return []string{q.Key}
}

// retried says what a retry has come to.
func retried(all []Retried, failed error) (string, error) {
	applied, free := 0, 0
	for _, k := range all {
		applied += k.Applied
		if k.Left == 0 && k.Err == nil {
			free++
		} else if failed == nil {
			failed = k.Err
		}
	}
	did := fmt.Sprintf("%d events of %d keys were applied, and %d keys are free", applied, len(all), free)
	if errors.Is(failed, errActLate) || errors.Is(failed, context.DeadlineExceeded) {
		failed = fmt.Errorf("%w: %s; ask again for the others", errActLate, did)
	}
	return did, failed
}
