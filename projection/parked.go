package projection

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/cairndb/cairn"
)

// A ParkedKey is a key whose events are parked in a build.
type ParkedKey struct {
	Build  int            `json:"build"`
	Lane   int            `json:"lane"`
	Key    string         `json:"key"`
	Since  time.Time      `json:"since"`
	Reason string         `json:"reason"` // why the first of its events failed, the last time
	Events int            `json:"events"`
	First  cairn.Position `json:"first"`
	Last   cairn.Position `json:"last"`
}

// Parked lists the keys that are parked, of all builds of a projection, in no
// particular order. One that nobody has begun is an [ErrUnknown].
func Parked(ctx context.Context, ledger Ledger, name string) ([]ParkedKey, error) {
	var all []ParkedKey
	err := eachBuild(ctx, ledger, name, func(at place, b *Definition) error {
		found, err := parkedIn(ctx, ledger, at, b.Build)
		all = append(all, found...)
		return err
	})
	return all, err
}

func parkedIn(ctx context.Context, ledger Ledger, at place, build int) ([]ParkedKey, error) {
	keys, err := ledger.Entries(ctx, at.keys(build))
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	events, err := ledger.Entries(ctx, at.parked(build))
	if err != nil {
		return nil, err
	}
	all := make([]ParkedKey, len(keys))
	for i, e := range keys {
		if all[i], err = describe(at, build, e, events); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// describe finds the events of a key among those of a build.
func describe(at place, build int, key Entry, events []Entry) (ParkedKey, error) {
	var k keyEntry
	if err := decode(key, &k); err != nil {
		return ParkedKey{}, err
	}
	p := ParkedKey{Build: build, Lane: k.Lane, Key: k.Key, Since: k.Since, Reason: k.Reason}
	prefix := at.parkedOf(build, k.Key)
	for _, e := range events {
		if !strings.HasPrefix(e.Key, prefix) {
			continue
		}
		var o LeftOut
		if err := decode(e, &o); err != nil {
			return p, err
		}
		if p.Events++; p.Events == 1 {
			p.First = o.Position
		}
		p.Last = o.Position
	}
	return p, nil
}

// ParkedEvents lists the events of a key that are parked in a build, in order. Zero
// stands for the build that readers see. A key that is not parked has none.
func ParkedEvents(ctx context.Context, ledger Ledger, name string, build int, key string) (all []LeftOut, err error) {
	err = inBuild(ctx, ledger, name, build, func(at place, build int) error {
		all, err = leftOutUnder(ctx, ledger, at.parkedOf(build, key))
		return err
	})
	return all, err
}

// inBuild calls a function for one build, or for the one that readers see.
func inBuild(ctx context.Context, ledger Ledger, name string, build int, do func(at place, build int) error) error {
	if err := checkName("name", name); err != nil {
		return err
	}
	at := placeOf(name)
	d, _, err := loadDeployment(ctx, ledger, at)
	if err != nil {
		return err
	}
	if build == 0 {
		build = d.Active
	}
	if _, there := d.build(build); !there {
		return nothing(name, "there is no build %d", build)
	}
	return do(at, build)
}

// DropParked gives up the parked events of a key in a build, zero being the one that
// readers see: they count as skipped, and the key is free, so that what follows is
// applied. It returns how many there were. A key that is not parked is an
// [ErrUnknown].
//
// Events that a runner parks meanwhile are dropped with the others.
func DropParked(ctx context.Context, ledger Ledger, name string, build int, key string) (dropped int, err error) {
	err = inBuild(ctx, ledger, name, build, func(at place, build int) error {
		for {
			n, err := dropSome(ctx, ledger, at, build, key)
			dropped += n
			switch {
			case errors.Is(err, errMore), errors.Is(err, ErrMoved):
				continue
			case errors.Is(err, ErrUnknown) && dropped > 0:
				return nil
			}
			return err
		}
	})
	return dropped, err
}

// errMore is the outcome of a step that is not the last one.
var errMore = errors.New("there is more")

// dropSome drops the first events of a key. The key is free with the last of them.
func dropSome(ctx context.Context, ledger Ledger, at place, build int, key string) (int, error) {
	const some = 500
	k, stands, err := parkedKey(ctx, ledger, at, build, key)
	if err != nil {
		return 0, err
	}
	entries, err := ledger.Entries(ctx, at.parkedOf(build, key))
	if err != nil {
		return 0, err
	}
	n := min(len(entries), some)
	k.Changes++
	next := Entry{stands.Key, encode(k)}
	if n == len(entries) {
		next.Value = ""
	}
	c := Change{Expect: []Entry{stands}, Put: []Entry{next}}
	for _, e := range entries[:n] {
		var o LeftOut
		if err := decode(e, &o); err != nil {
			return 0, err
		}
		c.Put = append(c.Put, Entry{Key: e.Key}, Entry{at.skippedAt(build, o.Position), e.Value})
	}
	if err = ledger.Apply(ctx, c); err == nil && next.Value != "" {
		err = errMore
	}
	if err != nil && !errors.Is(err, errMore) {
		n = 0
	}
	return n, err
}

// parkedKey reads the entry of a key that is parked.
func parkedKey(ctx context.Context, ledger Ledger, at place, build int, key string) (k keyEntry, stands Entry, err error) {
	found, err := ledger.Entries(ctx, at.key(build, key))
	if err != nil {
		return k, stands, err
	}
	if len(found) == 0 {
		return k, stands, nothing(strings.TrimSuffix(strings.TrimPrefix(at.prefix(), "p/"), "/"), "key %q is not parked in build %d", shorten(key, 100), build)
	}
	return k, found[0], decode(found[0], &k)
}
