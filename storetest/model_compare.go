package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/cairndb/cairn"
)

// different says in what two results differ; it is empty if they do not.
func (m *model) different(got, want *result) string {
	if d := m.differentError(got.err, want.err); d != "" {
		return d
	}
	switch a, b := got.receipt, want.receipt; {
	case !slices.Equal(a.Revisions, b.Revisions) || a.Position != b.Position || a.Duplicate != b.Duplicate:
		return fmt.Sprintf("receipt %+v, want %+v", a, b)
	case got.head != want.head || got.caughtUp != want.caughtUp:
		return fmt.Sprintf("head %d, caught up with %d, want %d, %d", got.head, got.caughtUp, want.head, want.caughtUp)
	case !reflect.DeepEqual(got.info, want.info):
		return fmt.Sprintf("%+v, want %+v", got.info, want.info)
	}
	return m.differentEvents(got.events, want.events)
}

func (m *model) differentEvents(got, want []cairn.Recorded) string {
	for i := range min(len(got), len(want)) {
		if d := m.differentEvent(got[i], want[i]); d != "" {
			return fmt.Sprintf("event %d: %s", i, d)
		}
	}
	if len(got) != len(want) {
		return fmt.Sprintf("%d events at %v, want %d at %v", len(got), positions(got), len(want), positions(want))
	}
	return ""
}

// differentEvent compares events, but for what each store makes itself: that
// must be there and never change.
func (m *model) differentEvent(got, want cairn.Recorded) string {
	if m.stored[want.ID] == 0 {
		if old, ok := m.ids[got.Position]; got.ID.IsZero() || m.stored[got.ID] > 0 || ok && old != got.ID {
			return fmt.Sprintf("the ID made by the store is %v, was %v", got.ID, old)
		}
		m.ids[got.Position] = got.ID
		want.ID = got.ID
		if want.Type == cairn.TypeMetadata && sameMetadata(got.Data, want.Data) {
			want.Data = got.Data
		}
	}
	if want.Time.Year() > 2020 {
		if old, ok := m.times[got.Position]; got.Time.Year() <= 2020 || ok && !old.Equal(got.Time) {
			return fmt.Sprintf("the time set by the store is %v, was %v", got.Time, old)
		}
		m.times[got.Position] = got.Time
		want.Time = got.Time
	}
	return difference(&got, &want)
}

func sameMetadata(a, b []byte) bool {
	return reflect.DeepEqual(cairn.ParseStreamMetadata(a), cairn.ParseStreamMetadata(b))
}

func (m *model) differentError(got, want error) string {
	wantConflict, wantDeleted, wantInvalid := facts(want)
	gotConflict, gotDeleted, gotInvalid := facts(got)
	switch {
	case wantConflict != nil && gotConflict != nil:
		return m.differentConflict(gotConflict, wantConflict)
	case wantDeleted != nil && gotDeleted != nil && *wantDeleted == *gotDeleted:
		return ""
	case wantInvalid != nil && gotInvalid != nil && wantInvalid.Field == gotInvalid.Field:
		return ""
	case want == nil && got == nil, errors.Is(want, errEnough) && errors.Is(got, errEnough):
		return ""
	}
	return fmt.Sprintf("error %v, want %v", got, want)
}

func facts(err error) (*cairn.ConflictError, *cairn.DeletedError, *cairn.InvalidError) {
	c, _ := errors.AsType[*cairn.ConflictError](err)
	d, _ := errors.AsType[*cairn.DeletedError](err)
	i, _ := errors.AsType[*cairn.InvalidError](err)
	return c, d, i
}

// differentConflict compares conflicts with all their others.
func (m *model) differentConflict(got, want *cairn.ConflictError) string {
	a, b := append([]*cairn.ConflictError{got}, got.Others...), append([]*cairn.ConflictError{want}, want.Others...)
	if len(a) != len(b) {
		return fmt.Sprintf("%d conflicts, want %d: %v, want %v", len(a), len(b), got, want)
	}
	for i := range a {
		if d := m.differentFacts(a[i], b[i]); d != "" {
			return fmt.Sprintf("conflict %d: %s", i, d)
		}
	}
	return ""
}

func (m *model) differentFacts(got, want *cairn.ConflictError) string {
	deleted := want.Actual == cairn.SoftDeleted || want.Actual == cairn.Tombstoned
	switch {
	case got.Stream != want.Stream || got.Expected != want.Expected || got.Actual != want.Actual:
	case got.After != want.After || !reflect.DeepEqual(got.Query, want.Query):
	case !deleted && !slices.Equal(got.Positions, want.Positions):
		return fmt.Sprintf("positions %v, want %v", got.Positions, want.Positions)
	default:
		return m.differentEvents(got.Events, want.Events)
	}
	return fmt.Sprintf("%v (query %+v), want %v (query %+v)", got, got.Query, want, want.Query)
}
