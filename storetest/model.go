package storetest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/cairndb/cairn"
)

// A model plays the same random operations on the store under test and on the
// reference, and compares every answer.
//
// It stays clear of what the contract leaves to the engine: how many IDs are
// remembered for retries that expect Any (it retries only what is recent and
// was stored once), the IDs and times that a store makes, and the order of
// keys in the metadata that a revival writes.
type model struct {
	*kit
	rng       *rand.Rand
	reference cairn.Store

	number   int       // of the operation
	streams  []string  // in play
	closed   []string  // by tombstones
	attempts []attempt // batches that were stored, oldest first

	stored map[cairn.ID]int             // how often a caller's ID was
	erased map[string]int               // the operation that last deleted a stream
	epoch  int                          // the operation that last reopened the store
	ids    map[cairn.Position]cairn.ID  // made by the store under test
	times  map[cairn.Position]time.Time // likewise
}

// An attempt is a batch that was stored, and may be retried.
type attempt struct {
	batch  cairn.Batch
	number int // of the operation
}

// An operation is one call, and how to tell of it.
type operation struct {
	says string
	play func(s cairn.Store) result
}

// A result is all that an operation may answer.
type result struct {
	receipt  cairn.BatchReceipt
	events   []cairn.Recorded
	info     cairn.StreamInfo
	head     cairn.Position
	caughtUp int64
	err      error
}

// randomOperations runs the model.
func randomOperations(k *kit) {
	m := &model{
		kit: k, rng: random(k), reference: NewReference(),
		stored: map[cairn.ID]int{}, erased: map[string]int{},
		ids: map[cairn.Position]cairn.ID{}, times: map[cairn.Position]time.Time{},
	}
	for range 16 {
		m.streams = append(m.streams, m.name())
	}
	n := cmp.Or(k.operations, 10_000)
	for m.number < n {
		m.number++
		m.step()
		if m.number%1000 == 0 || m.number == n {
			m.compareAll()
		}
		if m.Failed() {
			return
		}
	}
}

// name makes a name for a stream that does not exist yet.
func (m *model) name() string {
	base := someStreams[m.rng.IntN(len(someStreams))]
	if m.rng.IntN(2) == 0 && !slices.Contains(m.streams, base) && !slices.Contains(m.closed, base) {
		return base
	}
	return fmt.Sprintf("%s-%d", base, m.rng.Uint32())
}

func (m *model) step() {
	if !m.lack(Reopening) && m.rng.IntN(500) == 0 {
		m.again()
		m.epoch = m.number
		m.compareAll()
		return
	}
	o := m.choose()
	got, want := o.play(m.store), o.play(m.reference)
	if d := m.different(&got, &want); d != "" {
		m.Errorf("operation %d, %s: %s", m.number, o.says, d)
	}
}

// choose makes an operation.
func (m *model) choose() operation {
	switch n := m.rng.IntN(100); {
	case n < 30:
		return m.commitOperation(m.randomBatch(1))
	case n < 45:
		return m.commitOperation(m.randomBatch(1 + m.rng.IntN(5)))
	case n < 60:
		return m.commitOperation(m.retry())
	case n < 64:
		return m.commitOperation(m.deletion())
	case n < 70:
		return m.commitOperation(m.metadata())
	case n < 72:
		return m.commitOperation(m.mistake())
	case n < 86:
		return m.readOperation()
	case n < 96:
		return m.readAllOperation()
	}
	return m.infoOperation()
}

// stream picks a stream, now and then one that is closed or metadata.
func (m *model) stream() string {
	if m.rng.IntN(25) == 0 && len(m.closed) > 0 {
		return m.closed[m.rng.IntN(len(m.closed))]
	}
	return m.streams[m.rng.IntN(len(m.streams))]
}

// standing is how a stream stands, by the reference.
func (m *model) standing(stream string) cairn.StreamInfo {
	info, err := m.reference.StreamInfo(m.ctx, stream)
	if err != nil {
		m.Fatal(err)
	}
	return info
}

func (m *model) headNow() cairn.Position {
	info, err := m.reference.Info(m.ctx)
	if err != nil {
		m.Fatal(err)
	}
	return info.Head
}

// compareAll compares everything that can be read, but for most of the streams
// that are closed.
func (m *model) compareAll() {
	m.Helper()
	ops := []operation{m.readingAll(cairn.AllOptions{}), m.readingAll(cairn.AllOptions{Backward: true})}
	for _, s := range slices.Concat(m.streams, m.closed[max(0, len(m.closed)-8):]) {
		ops = append(ops, m.inspecting(s), m.inspecting("$$"+s))
		for _, o := range []cairn.ReadOptions{{}, {Backward: true}} {
			ops = append(ops, m.reading(s, o), m.reading("$$"+s, o))
		}
		ops = append(ops, m.readingAll(cairn.AllOptions{Query: cairn.Query{{Streams: []string{s}}}}))
	}
	for _, o := range ops {
		got, want := o.play(m.store), o.play(m.reference)
		if d := m.different(&got, &want); d != "" {
			m.Fatalf("after operation %d, %s: %s", m.number, o.says, d)
		}
	}
}
