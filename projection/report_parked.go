package projection

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"
)

// How much of what is parked is reported: the keys that were parked first, with the
// beginnings of the reasons. A report is an event of the log, and comes every other
// second.
const (
	mostParked   = 100
	parkedBytes  = 48 << 10
	parkedReason = 300
)

// A roll is the list of parked keys as it was reported last. To count the events of
// a key they have to be read, which is done when the key has changed, and not so
// often that it would take more than a twentieth of the time.
type roll struct {
	keys  map[string]ParkedKey // by the key and the value of the entry
	list  []ParkedKey
	again time.Time
}

// call brings the list up to date.
func (r *roll) call(ctx context.Context, l Ledger, at place, s *Status) ([]ParkedKey, error) {
	begun := time.Now()
	if begun.Before(r.again) {
		return r.list, nil
	}
	keys := map[string]ParkedKey{}
	var list []ParkedKey
	for _, b := range inNeed(s) {
		some, err := r.build(ctx, l, at, b.Build, mostParked-len(list), keys)
		if err != nil {
			return r.list, err
		}
		list = append(list, some...)
	}
	r.keys, r.list = keys, fitting(list, parkedBytes)
	r.again = time.Now().Add(20 * time.Since(begun))
	return r.list, nil
}

// inNeed are the builds in which keys are parked, first the one that readers see.
func inNeed(s *Status) []BuildStatus {
	all := slices.DeleteFunc(slices.Clone(s.Builds), func(b BuildStatus) bool { return b.ParkedKeys == 0 || b.Phase == Dropping })
	slices.SortStableFunc(all, func(a, b BuildStatus) int {
		return cmp.Compare(min(1, a.Build^s.Active), min(1, b.Build^s.Active))
	})
	return all
}

// build are the keys of a build that were parked first.
func (r *roll) build(ctx context.Context, l Ledger, at place, build, most int, keys map[string]ParkedKey) ([]ParkedKey, error) {
	entries, err := firstParked(ctx, l, at.keys(build), most)
	if err != nil {
		return nil, err
	}
	all := make([]ParkedKey, len(entries))
	for i, e := range entries {
		k, known := r.keys[e.Key+e.Value]
		if !known {
			if k, err = parkedAs(ctx, l, at, build, e); err != nil {
				return nil, err
			}
		}
		keys[e.Key+e.Value], all[i] = k, k
	}
	return all, nil
}

// firstParked are the entries of the keys that were parked first.
func firstParked(ctx context.Context, l Ledger, prefix string, most int) ([]Entry, error) {
	entries, err := l.Entries(ctx, prefix)
	since := map[string]time.Time{}
	for _, e := range entries {
		var k keyEntry
		if err := decode(e, &k); err != nil {
			return nil, err
		}
		since[e.Key] = k.Since
	}
	slices.SortStableFunc(entries, func(a, b Entry) int { return since[a.Key].Compare(since[b.Key]) })
	return entries[:min(len(entries), most)], err
}

func parkedAs(ctx context.Context, l Ledger, at place, build int, e Entry) (ParkedKey, error) {
	var k keyEntry
	if err := decode(e, &k); err != nil {
		return ParkedKey{}, err
	}
	events, err := l.Entries(ctx, at.parkedOf(build, k.Key))
	if err != nil {
		return ParkedKey{}, err
	}
	p, err := describe(at, build, e, events)
	p.Reason = shorten(p.Reason, parkedReason)
	return p, err
}

// fitting are so many of the keys that they have at most so many bytes as JSON.
func fitting(all []ParkedKey, most int) []ParkedKey {
	for i := range all {
		b, err := json.Marshal(all[i])
		if most -= len(b) + 1; err != nil || most < 0 {
			return all[:i]
		}
	}
	return all
}

func (p *ParkedKey) same(other *ParkedKey) bool {
	return p.Build == other.Build && p.Key == other.Key && p.Since.Equal(other.Since) && p.Reason == other.Reason &&
		p.Events == other.Events && p.First == other.First && p.Last == other.Last
}
