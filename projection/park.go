package projection

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/cairndb/cairn"
)

// A keyEntry is what is known of a parked key. Whatever is done to its events
// changes it, so that who expects it to stand sees that somebody else was at them.
type keyEntry struct {
	Key     string    `json:"key"`
	Lane    int       `json:"lane"`
	Changes uint64    `json:"changes"`
	Since   time.Time `json:"since"`
	Reason  string    `json:"reason,omitempty"` // why its first event, or the last one retried, failed
}

// maxKey is how long a key may be to be parked: a person has to type it.
const maxKey = 8 << 10

// parkedKeys reads which keys are parked, for each lane.
func (w *work[Tx]) parkedKeys(ctx context.Context) (map[int]map[string]string, error) {
	entries, err := w.target.Entries(ctx, w.place.keys(w.build.Build))
	all := map[int]map[string]string{}
	for _, e := range entries {
		var k keyEntry
		if err := decode(e, &k); err != nil {
			return nil, err
		}
		if all[k.Lane] == nil {
			all[k.Lane] = map[string]string{}
		}
		all[k.Lane][e.Key] = e.Value
	}
	return all, err
}

// park parks an event that has failed, and with it what follows under its key.
func (l *lane[Tx]) park(ctx context.Context, e *Event, attempts int, reason error) error {
	key, err := l.keyOf(&e.Recorded)
	if err != nil {
		return l.failure(&e.Recorded, attempts, err)
	}
	if len(key) > maxKey || !utf8.ValidString(key) {
		return l.failure(&e.Recorded, attempts, errors.Join(reason, &cairn.InvalidError{Field: "key", Problem: "must be a text (UTF-8) of at most 8 KiB to be parked", Limit: maxKey}))
	}
	record := leftOut(&e.Recorded, attempts, reason)
	for {
		b := l.without(e)
		l.parkIn(b, key, record)
		l.close(b)
		failure, err := l.commit(ctx, b)
		switch err = errors.Join(err, failure); {
		case errors.Is(err, errStale):
			continue
		case err == nil && l.o.OnParked != nil:
			l.o.OnParked(&e.Recorded, key, attempts, reason)
		}
		return err
	}
}

// divert takes the events of parked keys out of a batch, to be parked.
func (l *lane[Tx]) divert(b *batch, events []*Event) error {
	b.apply = make([]*Event, 0, len(events))
	for _, e := range events {
		key, err := l.keyOf(&e.Recorded)
		if err != nil {
			return &EventError{e.Position, err}
		}
		if _, parked := l.keys[l.place.key(l.build.Build, key)]; parked {
			l.parkIn(b, key, leftOut(&e.Recorded, 0, nil))
		} else {
			b.apply = append(b.apply, e)
		}
	}
	return nil
}

// parkIn parks an event as part of a batch.
func (l *lane[Tx]) parkIn(b *batch, key string, record LeftOut) {
	at := l.place.key(l.build.Build, key)
	stands := l.keys[at]
	i := len(b.keys)
	for j := range b.keys {
		if b.keys[j].Key == at {
			i, stands = j, b.keys[j].Value
		}
	}
	next := keyEntry{Key: key, Lane: l.n, Since: record.At, Reason: record.Reason}
	if stands != "" {
		_ = decode(Entry{at, stands}, &next) // it was read before
	}
	next.Changes++
	changed := Entry{at, encode(next)}
	if i == len(b.keys) {
		b.keys = append(b.keys, changed)
		b.Expect = append(b.Expect, Entry{at, stands})
		b.Put = append(b.Put, changed)
	} else {
		b.keys[i] = changed
		for j := range b.Put {
			if b.Put[j].Key == at {
				b.Put[j] = changed
			}
		}
	}
	b.Put = append(b.Put, Entry{l.place.parkedAt(l.build.Build, key, cairn.Position(record.Position)), encode(record)})
	b.next.Parked++
}
