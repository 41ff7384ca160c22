package storetest

import (
	"slices"

	"github.com/cairndb/cairn"
)

// recent is how many operations ago a batch may have been stored that is
// retried with Any. A store remembers that much.
const recent = 50

// retry repeats an earlier batch, as it was or changed a little.
func (m *model) retry() cairn.Batch {
	for range 20 {
		if len(m.attempts) == 0 {
			break
		}
		back := m.rng.IntN(min(len(m.attempts), 1+m.rng.IntN(200)))
		a := m.attempts[len(m.attempts)-1-back]
		b := m.vary(a.batch)
		if m.clear(b, a.number) {
			return b
		}
	}
	return m.randomBatch(1)
}

// vary changes a copy of the batch in one of several ways, or not at all.
func (m *model) vary(b cairn.Batch) cairn.Batch {
	b.Writes = slices.Clone(b.Writes)
	if len(b.Writes) == 0 {
		return b
	}
	w := &b.Writes[m.rng.IntN(len(b.Writes))]
	switch m.rng.IntN(10) {
	case 0: // a part of it
		w.Events = w.Events[:m.rng.IntN(len(w.Events)+1)]
	case 1: // more than it
		if w.Delete == cairn.Keep {
			w.Events = append(slices.Clip(w.Events), m.event())
		}
	case 2: // elsewhere
		w.Expected = m.expectation(w.Stream)
	case 3: // beside something new
		stream := m.stream()
		b.Writes = append(b.Writes, cairn.Write{Stream: stream, Expected: m.expectation(stream), Events: []cairn.Event{m.event()}})
	case 4: // under another key, or none
		b.Key = ""
	case 5: // each write alone
		b = cairn.Batch{Writes: []cairn.Write{*w}}
	case 6: // whatever is there
		w.Expected = cairn.Any
	}
	return b
}

// clear reports whether the contract says what becomes of a retry.
func (m *model) clear(b cairn.Batch, number int) bool {
	deletes, writes := false, false
	for _, w := range b.Writes {
		deletes, writes = deletes || w.Delete != cairn.Keep, writes || len(w.Events) > 0
		byID := w.Expected == cairn.Any || w.Expected == cairn.StreamExists
		if byID && len(w.Events) > 0 && !m.recalled(w, number) {
			return false
		}
	}
	return b.Validate() == nil && !(deletes && writes)
}

// recalled reports whether the store must remember the write's events.
func (m *model) recalled(w cairn.Write, number int) bool {
	late := number <= m.epoch || number <= m.number-recent || m.erased[w.Stream] >= number
	repeated := slices.ContainsFunc(w.Events, func(e cairn.Event) bool { return m.stored[e.ID] > 1 })
	return !m.lack(Recall) && !late && !repeated
}
