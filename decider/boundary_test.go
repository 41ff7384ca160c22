package decider_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
	"github.com/cairndb/cairn/decider"
)

// Courses have room for so many students.
type defined struct {
	Course string
	Room   int
}

type enrolled struct{ Course, Student string }

func (e defined) Tags() []string  { return []string{"course:" + e.Course} }
func (e enrolled) Tags() []string { return []string{"course:" + e.Course, "student:" + e.Student} }

var courseEvents = codec.JSON(codec.Types[codec.Tagged]{"course.defined": defined{}, "student.enrolled": enrolled{}})

type course struct {
	room     int
	students []string
}

func (c course) evolve(e codec.Tagged) course {
	switch e := e.(type) {
	case defined:
		c.room = e.Room
	case enrolled:
		c.students = append(c.students, e.Student)
	}
	return c
}

var errFull = errors.New("course is full")

func enrol(name, student string) func(course) ([]codec.Tagged, error) {
	return func(c course) ([]codec.Tagged, error) {
		switch {
		case slices.Contains(c.students, student):
			return nil, nil
		case len(c.students) >= c.room:
			return nil, errFull
		}
		return []codec.Tagged{enrolled{name, student}}, nil
	}
}

func courses(t *testing.T, s decider.Store) *decider.Decider[course, codec.Tagged] {
	d := decider.New(s, courseEvents, course.evolve, nil)
	must(d.Do(t.Context(), "course-go", func(course) ([]codec.Tagged, error) { return []codec.Tagged{defined{"go", 5}}, nil }))(t)
	return d
}

var goCourse = cairn.ByTag("course:go")

func TestBoundaryUnderConcurrency(t *testing.T) {
	store := newStore(t)
	d := courses(t, store)
	// What others tag alike is not decided on.
	must(store.Append(t.Context(), "review-1", cairn.NoStream, cairn.Event{Type: "course.reviewed", Tags: []string{"course:go"}}))(t)
	var wg sync.WaitGroup
	errs := make(chan error, 20)
	for i := range 20 {
		wg.Go(func() {
			_, err := d.Boundary(t.Context(), goCourse, fmt.Sprintf("student-%d", i), enrol("go", fmt.Sprint(i)))
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	full := 0
	for err := range errs {
		if err == errFull {
			full++
		} else if err != nil {
			t.Error(err)
		}
	}
	got := must(cairn.Collect(store.ReadAll(t.Context(), cairn.AllOptions{Query: cairn.ByType("student.enrolled")})))(t)
	if full != 15 || len(got) != 5 {
		t.Errorf("%d enrolled, %d refused", len(got), full)
	}
}

func TestBoundaryResult(t *testing.T) {
	store := newStore(t)
	d := courses(t, store)
	res, err := d.Boundary(t.Context(), goCourse, "student-1", enrol("go", "1"))
	if err != nil || res.Revision != 0 || res.Position != 2 || len(res.State.students) != 1 || res.Attempts != 1 {
		t.Errorf("%+v, %v", res, err)
	}
	res, err = d.Boundary(t.Context(), goCourse, "student-1", enrol("go", "1"))
	if err != nil || res.Position != 0 || res.Revision != cairn.NoStream || len(res.State.students) != 1 {
		t.Errorf("nothing to do: %+v, %v", res, err)
	}
	res, err = d.Boundary(t.Context(), goCourse, "course-go", enrol("go", "2"))
	if err != nil || res.Position != 3 || res.Revision != 1 || res.Attempts != 1 {
		t.Errorf("a stream that exists: %+v, %v", res, err)
	}
	if _, err = d.Boundary(t.Context(), cairn.ByTag("course:c"), "student-1", enrol("c", "1")); err != errFull {
		t.Error(err)
	}
	if _, err = d.Boundary(t.Context(), cairn.Query{}, "student-1", enrol("c", "1")); !errors.Is(err, cairn.ErrInvalid) {
		t.Error(err)
	}
}

// The events of the decision match its own query, and its stream may stand
// anywhere: still it is recognised.
func TestBoundaryRecognisesItselfAfterALostAnswer(t *testing.T) {
	store := newStore(t)
	lost := false
	s := &trap{Store: store}
	d := courses(t, s)
	var keys []string
	s.commit = func(b cairn.Batch, next func() (cairn.BatchReceipt, error)) (cairn.BatchReceipt, error) {
		keys = append(keys, b.Key)
		r, err := next()
		if !lost {
			lost = true
			return cairn.BatchReceipt{}, cairn.ErrUnknownOutcome
		}
		return r, err
	}
	res, err := d.Boundary(t.Context(), goCourse, "student-1", enrol("go", "1"))
	if err != nil || !res.Duplicate || res.Position != 2 || res.Attempts != 2 || res.Revision != 0 {
		t.Errorf("%+v, %v", res, err)
	}
	// A store need not remember IDs for long, so there must be a key.
	if len(keys) != 2 || keys[0] == "" || keys[0] != keys[1] {
		t.Errorf("keys %q", keys)
	}
}

// The condition of the boundary is tried again, one that is required besides is
// not, although both are queries.
func TestBoundaryRequiring(t *testing.T) {
	store := newStore(t)
	s := &trap{Store: store}
	d := courses(t, s)
	others := decider.New(store, courseEvents, course.evolve, nil)
	meddle := sync.OnceFunc(func() { must(others.Boundary(t.Context(), goCourse, "student-2", enrol("go", "2")))(t) })
	s.commit = func(_ cairn.Batch, next func() (cairn.BatchReceipt, error)) (cairn.BatchReceipt, error) {
		meddle()
		return next()
	}
	res, err := d.Requiring(cairn.NoneAfter(0, cairn.ByTag("student:1"))).Boundary(t.Context(), goCourse, "student-1", enrol("go", "1"))
	if err != nil || res.Attempts != 2 || len(res.State.students) != 2 {
		t.Errorf("%+v, %v", res, err)
	}
	res, err = d.Requiring(cairn.NoneAfter(0, cairn.ByTag("student:1"))).Boundary(t.Context(), goCourse, "student-3", enrol("go", "3"))
	if !errors.Is(err, cairn.ErrConflict) || res.Attempts != 1 {
		t.Errorf("%+v, %v", res, err)
	}
}
