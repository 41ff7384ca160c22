package projection

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/cairndb/cairn"
)

// Switch shows readers another build of a projection, in one step. The build must
// be level or warm, and must show at least what readers have seen: the lanes of
// the build that they see must stand still at the moment of the switch, and every
// event that they have passed must have been applied in the new one. As both move,
// Switch tries again, for as long as its options say; if that does not suffice it
// takes the old build's lanes from their runner for a moment, which takes them
// back at once. Then the error is a [*BehindError].
//
// The builds before the new one are dropped after the grace time, by whoever runs
// the new one. To switch to the build that readers see already is no error, so that
// of several who switch to the same build all succeed and one has done it.
//
// A build that is not there is an [ErrUnknown], one that is being dropped an
// [ErrDiscarded]. The log must be that which the builds were made from.
func Switch(ctx context.Context, log Log, publisher Publisher, name string, build int, o *SwitchOptions) error {
	if err := checkName("name", name); err != nil {
		return err
	}
	s := &shift{log: log, publisher: publisher, name: name, place: placeOf(name), to: build, o: o.given()}
	return s.persist(ctx)
}

// A shift is a switch under way.
type shift struct {
	log       Log
	publisher Publisher
	name      string
	place     place
	to        int
	o         SwitchOptions

	front *front // of the build that it goes to
	hold  hold
}

// How long a switch that fails waits before it tries again: a moment, as what it
// waits for is the next transaction of a runner.
const (
	leastPause = time.Millisecond
	mostPaused = 20 * time.Millisecond
)

// persist tries until the time is over.
func (s *shift) persist(ctx context.Context) error {
	begun := time.Now()
	defer s.release(ctx)
	for n := 0; ; n++ {
		err := s.once(ctx, n)
		if err == nil || !s.again(err) {
			return err
		}
		if time.Since(begun) >= s.o.Within || !rest(ctx, jitter(n)) {
			return errors.Join(context.Cause(ctx), err)
		}
	}
}

// jitter is the n-th pause. Two who switch at the same time must not keep in step.
func jitter(n int) time.Duration {
	most := min(leastPause<<min(n, 10), mostPaused)
	return most/2 + rand.N(most)
}

// again reports whether another attempt may succeed.
func (s *shift) again(err error) bool {
	if errors.Is(err, ErrMoved) || errors.Is(err, ErrBehind) {
		return true
	}
	fault := s.publisher.Fault(err)
	return fault == FaultAgain || fault == FaultDown
}

// once tries to switch. An attempt whose outcome is unknown is seen by the next.
func (s *shift) once(ctx context.Context, n int) error {
	d, raw, err := loadDeployment(ctx, s.publisher, s.place)
	if err != nil {
		return err
	}
	to, err := s.fit(&d)
	if err != nil || d.Active == s.to {
		return err
	}
	if err := s.check(ctx, d.Store); err != nil {
		return err
	}
	old, err := loadCheckpoints(ctx, s.publisher, s.place, d.Active)
	if err != nil {
		return err
	}
	if err := s.reach(ctx, &to, old); err != nil {
		return errors.Join(err, s.hold.tighten(ctx, s, d.Active, n, err))
	}
	err = s.publisher.Publish(ctx, s.change(d, raw, old), to.Tables, to.names())
	if errors.Is(err, ErrMoved) {
		return errors.Join(err, s.hold.tighten(ctx, s, d.Active, n, err))
	}
	return err
}

// fit is the build to switch to, if it can be.
func (s *shift) fit(d *deployment) (Definition, error) {
	to, there := d.build(s.to)
	switch {
	case !there:
		return to, nothing(s.name, "there is no build %d", s.to)
	case to.Phase == Dropping:
		return to, ErrDiscarded
	case to.Phase == Building:
		return to, &BehindError{Projection: s.name, Build: s.to, Phase: Building, Position: s.at()}
	}
	return to, nil
}

func (s *shift) at() cairn.Position {
	if s.front == nil {
		return 0
	}
	return s.front.at
}

// check makes sure that positions mean what they meant to those who wrote them.
func (s *shift) check(ctx context.Context, built cairn.ID) error {
	info, err := s.log.Info(ctx)
	if err == nil && info.ID != built {
		err = &StoreError{Projection: s.name, Built: built, Here: info.ID}
	}
	return err
}

// reach makes sure that the build shows all that readers may have seen.
func (s *shift) reach(ctx context.Context, to *Definition, old []laneEntry) error {
	if s.front == nil {
		s.front = newFront(to, s.o.Key)
	}
	lanes, err := loadCheckpoints(ctx, s.publisher, s.place, s.to)
	if err != nil {
		return err
	}
	seen := highest(old)
	if err := s.front.advance(ctx, s.log, positions(lanes), seen, 0); err != nil {
		return err
	}
	if s.front.at < seen && !s.o.Backwards {
		return &BehindError{Projection: s.name, Build: s.to, Phase: to.Phase, Position: s.front.at, Seen: seen}
	}
	return nil
}

func positions(lanes []laneEntry) []cairn.Position {
	all := make([]cairn.Position, len(lanes))
	for i := range lanes {
		all[i] = lanes[i].Position
	}
	return all
}

func highest(lanes []laneEntry) (high cairn.Position) {
	for i := range lanes {
		high = max(high, lanes[i].Position)
	}
	return high
}
