package storetest

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/cairndb/cairn"
)

// randomBatch writes to n streams, which need not be different.
func (m *model) randomBatch(n int) (b cairn.Batch) {
	for range n {
		w := cairn.Write{Stream: m.stream()}
		w.Expected = m.expectation(w.Stream)
		for range m.rng.IntN(4) {
			w.Events = append(w.Events, m.event())
		}
		b.Writes = append(b.Writes, w)
	}
	if m.rng.IntN(4) == 0 {
		for range 1 + m.rng.IntN(2) {
			b.Conditions = append(b.Conditions, m.condition())
		}
	}
	if m.rng.IntN(6) == 0 {
		b.Key = fmt.Sprint("key ", m.rng.IntN(200))
	}
	if n > 1 && m.rng.IntN(8) == 0 {
		m.deleteIn(&b)
	}
	return b
}

// expectation is right more often than not.
func (m *model) expectation(stream string) cairn.Revision {
	last := m.standing(stream).Last
	switch m.rng.IntN(10) {
	case 0:
		return cairn.NoStream
	case 1:
		return cairn.StreamExists
	case 2, 3:
		return cairn.Any
	case 4:
		return max(cairn.NoStream, last+cairn.Revision(m.rng.IntN(7)-3))
	}
	return last
}

func (m *model) event() cairn.Event {
	e := randomEvent(m.rng)
	if m.rng.IntN(6) == 0 {
		e.ID = cairn.ID{}
	}
	if m.rng.IntN(5) == 0 && !m.lack(Times) {
		e.Time = time.Date(2001+m.rng.IntN(18), 1, 1, 0, 0, m.rng.IntN(1e4), m.rng.IntN(1e9), time.UTC)
	}
	return e
}

func (m *model) condition() cairn.Condition {
	if m.rng.IntN(2) == 0 {
		head := m.headNow()
		return cairn.NoneAfter(head-cairn.Position(m.rng.Int64N(int64(min(head, 20))+1)), randomQuery(m.rng))
	}
	stream := m.stream()
	states := []cairn.Revision{cairn.StreamExists, cairn.NoStream, cairn.SoftDeleted, cairn.Tombstoned, m.standing(stream).Last}
	return cairn.StreamAt(stream, states[min(len(states)-1, m.rng.IntN(8))])
}

// deleteIn makes one of the batch's writes a deletion, if no other is about
// the same stream.
func (m *model) deleteIn(b *cairn.Batch) {
	i := m.rng.IntN(len(b.Writes))
	for j := range b.Writes {
		if j != i && b.Writes[j].Stream == b.Writes[i].Stream {
			return
		}
	}
	b.Writes[i].Delete, b.Writes[i].Events = cairn.SoftDelete, nil
}

func (m *model) deletion() cairn.Batch {
	w := cairn.Write{Stream: m.stream(), Delete: cairn.SoftDelete}
	if m.rng.IntN(5) == 0 {
		w.Delete = cairn.Tombstone
	}
	w.Expected = m.expectation(w.Stream)
	return cairn.Batch{Writes: []cairn.Write{w}}
}

func (m *model) metadata() cairn.Batch {
	described := cairn.MetadataStream(m.stream())
	w := cairn.Write{Stream: described, Expected: m.expectation(described)}
	for range 1 + m.rng.IntN(2) {
		e := cairn.Event{Type: cairn.TypeMetadata, Data: m.metadataJSON()}
		if m.rng.IntN(2) == 0 {
			e.ID = cairn.NewID()
		}
		w.Events = append(w.Events, e)
	}
	return cairn.Batch{Writes: []cairn.Write{w}}
}

func (m *model) metadataJSON() []byte {
	var s cairn.StreamMetadata
	if m.rng.IntN(2) == 0 && !m.lack(Retention) {
		s.MaxCount = int64(1 + m.rng.IntN(20))
	}
	if m.rng.IntN(3) == 0 && !m.lack(Retention) && !m.lack(Times) {
		s.MaxAge = []time.Duration{time.Hour, 12 * 365 * 24 * time.Hour}[m.rng.IntN(2)]
	}
	if m.rng.IntN(2) == 0 {
		s.TruncateBefore = cairn.Revision(m.rng.IntN(40))
	}
	if m.rng.IntN(10) == 0 {
		s.TruncateBefore = math.MaxInt64
	}
	if m.rng.IntN(2) == 0 {
		s.Custom = map[string]json.RawMessage{"owner": json.RawMessage(`{"n":[1,"<ü>"]}`)}
	}
	if m.rng.IntN(20) == 0 {
		return []byte(`{"$maxCount": "broken`)
	}
	data, err := json.Marshal(s)
	if err != nil {
		m.Fatal(err)
	}
	return data
}

// mistake is a batch that is malformed.
func (m *model) mistake() cairn.Batch {
	b := m.randomBatch(1)
	b.Key = ""
	switch m.rng.IntN(5) {
	case 0:
		b.Writes[0].Stream = "$$$$" + b.Writes[0].Stream
	case 1:
		b.Writes[0].Expected = -3
	case 2:
		b.Writes[0].Events = append(b.Writes[0].Events, cairn.Event{})
	case 3:
		b.Conditions = []cairn.Condition{cairn.StreamAt("s", cairn.Any)}
	case 4:
		b = cairn.Batch{Conditions: []cairn.Condition{cairn.NoneAfter(m.headNow()+1, nil)}}
		b.Conditions[0].Query = randomQuery(m.rng)
	}
	return b
}
