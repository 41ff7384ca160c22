package index

import (
	"fmt"
	"math"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"github.com/cairndb/cairn"
)

// nodeSize is what an entry takes in Pebble's memtable, beside its key
// and its value.
const nodeSize = 64

// A Batch gathers what is to be indexed of a stretch of the log. It belongs to
// one goroutine. What it was given is copied.
//
// Call Places and Revisions once for each term of the batch rather than once
// for each event: every call costs a merge operand in each block it touches.
type Batch struct {
	*scratch
	b   *pebble.Batch
	err error // the first misuse
}

// A scratch is what one batch after another is made with.
type scratch struct {
	key     []byte
	value   []byte
	entries []entry
	names   []fingerprint // of the keys that the batch writes to
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// NewBatch returns an empty batch.
func (x *Index) NewBatch() *Batch {
	return &Batch{scratch: scratches.Get().(*scratch), b: x.db.NewBatch()}
}

// applied ends the batch.
func (b *Batch) applied() error {
	b.names = b.names[:0]
	scratches.Put(b.scratch)
	b.scratch = nil
	return b.b.Close()
}

// Places adds places to a term of any kind but a stream. They ascend, and lie above
// all that the term was given before.
func (b *Batch) Places(t Term, ps []Place) {
	if t.Kind == Stream || !t.Kind.known() {
		b.fail("places cannot be added to terms of kind %q", t.Kind)
		return
	}
	b.begin(t)
	for i, p := range ps {
		b.add(t.Kind, uint64(p.Position), ps, i)
	}
	b.endBlock(t.Kind)
}

// Revisions adds events to a stream: ps[i] is the place of revision first+i.
// They ascend, and lie above all that the stream was given before.
func (b *Batch) Revisions(stream string, first cairn.Revision, ps []Place) {
	if first < 0 || first > math.MaxInt64-cairn.Revision(max(len(ps)-1, 0)) {
		b.fail("stream %q has no %d revisions from %d", stream, len(ps), int64(first))
		return
	}
	b.begin(Term{Stream, stream})
	for i := range ps {
		b.add(Stream, uint64(first)+uint64(i), ps, i)
	}
	b.endBlock(Stream)
}

// begin puts a term's prefix in the key.
func (b *Batch) begin(t Term) {
	b.key = appendTerm(b.key[:0], t)
	b.names = append(b.names, fingerprintOf(byte(t.Kind), t.Name))
}

// add adds ps[i], whose number in its term is n, to the block it belongs to.
// The key holds the term's prefix, followed by the number of the block that
// the entries belong to if there are any.
func (b *Batch) add(k Kind, n uint64, ps []Place, i int) {
	p := ps[i]
	if p.Address > math.MaxInt64 || i > 0 && (p.Position <= ps[i-1].Position || p.Address < ps[i-1].Address) {
		b.fail("place %+v does not ascend", p)
		return
	}
	block := n >> k.blockBits()
	if len(b.entries) > 0 && blockNumber(b.key) != block {
		b.endBlock(k)
	}
	if len(b.entries) == 0 {
		b.key = appendNumber(b.key, block)
	}
	b.entries = append(b.entries, entry{p, uint16(n - block<<k.blockBits())})
}

// endBlock writes the entries and leaves the prefix in the key.
func (b *Batch) endBlock(k Kind) {
	if len(b.entries) == 0 {
		return
	}
	b.value = appendRuns(b.value[:0], k, b.entries)
	b.keep(b.b.Merge(b.key, b.value, nil))
	b.entries, b.key = b.entries[:0], b.key[:len(b.key)-numberSize]
}

// Record sets the stream's record, which means nothing to the index. The last
// one wins.
func (b *Batch) Record(stream string, v []byte) {
	b.key = append(append(b.key[:0], recordKey), stream...)
	b.names = append(b.names, fingerprintOf(recordKey, stream))
	b.keep(b.b.Set(b.key, v, nil))
}

// Key sets the place that an idempotency key led to.
func (b *Batch) Key(key string, p Place) {
	b.key = append(append(b.key[:0], idempotent), key...)
	b.names = append(b.names, fingerprintOf(idempotent, key))
	b.value = appendNumbers(b.value[:0], uint64(p.Position), p.Address)
	b.keep(b.b.Set(b.key, b.value, nil))
}

// Mark remembers the address of a position, for readers of the whole log. A
// mark every few thousand positions is enough.
func (b *Batch) Mark(p Place) {
	b.key = appendNumber(append(b.key[:0], markKey), uint64(p.Position))
	b.value = appendNumbers(b.value[:0], p.Address)
	b.keep(b.b.Set(b.key, b.value, nil))
}

// Count adds to the counters of a category or a type.
func (b *Batch) Count(t Term, events, streams uint64) {
	b.key = append(append(b.key[:0], counterKey, byte(t.Kind)), t.Name...)
	b.value = appendNumbers(b.value[:0], events, streams)
	b.keep(b.b.Merge(b.key, b.value, nil))
}

// checkpoint sets the checkpoint.
func (b *Batch) checkpoint(c Checkpoint) {
	b.value = appendNumbers(b.value[:0], uint64(c.Position), c.Address, c.Streams)
	b.keep(b.b.Set([]byte(checkpointKey), b.value, nil))
}

// size is what the batch takes in Pebble's memtable at most.
func (b *Batch) size() int { return b.b.Len() + nodeSize*int(b.b.Count()) }

func (b *Batch) fail(format string, args ...any) { b.keep(fmt.Errorf("index: "+format, args...)) }

func (b *Batch) keep(err error) {
	if b.err == nil {
		b.err = err
	}
}
