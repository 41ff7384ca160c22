package projection

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cairndb/cairn"
)

// ErrParked is matched by every [*ParkedError].
var ErrParked = errors.New("projection: the key is parked")

// A ParkedError reports a key whose events are parked: its rows stand still until
// somebody retries them.
type ParkedError struct {
	Projection string
	Build      int
	Key        string
}

// Error names the key and says what can be done.
func (e *ParkedError) Error() string {
	return fmt.Sprintf("projection %q: key %q is parked in build %d, and its rows do not change; mend what failed and retry it", e.Projection, e.Key, e.Build)
}

// Is reports whether the target is ErrParked.
func (e *ParkedError) Is(target error) bool { return target == ErrParked }

// WaitKey is [Wait] for the events of one key: the stream, or what the
// projection's own Key makes of an event. It waits for the key's lane only, and
// tells if the key is parked, when its rows are not what the log says: then the
// error is a [*ParkedError].
//
// A projection with a Key of its own has to have come to the last of all its
// events up to the token in that lane, because only its runners can tell which
// are the key's: the token should be an event of the key.
func WaitKey(ctx context.Context, log Log, ledger Ledger, name string, token cairn.Position, key string) error {
	l, err := lookAt(log, ledger, name)
	if err != nil {
		return err
	}
	w := waiter{look: l, token: token, aim: func(b *Definition) aim { return laneOfKey(b, token, key) }}
	if err := w.wait(ctx); err != nil || token == 0 {
		return err
	}
	found, err := ledger.Entries(ctx, l.place.key(w.build.Build, key))
	if err == nil && len(found) > 0 {
		return &ParkedError{Projection: name, Build: w.build.Build, Key: key}
	}
	return err
}

// laneOfKey is the frontier of one key's lane.
func laneOfKey(b *Definition, token cairn.Position, key string) aim {
	f := allLanes(b, token).(*frontier)
	f.only = laneOf(key, f.lanes)
	if b.Keyed {
		return f
	}
	f.selected.Query = within(f.selected.Query, key)
	if len(f.selected.Query) == 0 {
		f.down = 1 // the build has no event of the key, so there is nothing to look for
	}
	return f
}

// within is a query for those of another's events that are of a stream.
func within(q cairn.Query, stream string) cairn.Query {
	if q == nil {
		return cairn.Query{{Streams: []string{stream}}}
	}
	narrow := cairn.Query{}
	for _, f := range q {
		if f.Streams == nil || slices.Contains(f.Streams, stream) {
			f.Streams = []string{stream}
			narrow = append(narrow, f)
		}
	}
	return narrow
}
