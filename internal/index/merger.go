package index

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// merger joins what batches wrote under one key: runs become one value, counts
// are added. Its name is part of the format.
var merger = &pebble.Merger{Name: "cairn.index.1", Merge: merge}

func merge(key, value []byte) (pebble.ValueMerger, error) {
	if n, ok := splitBlock(key); ok {
		m := runMergers.Get().(*runMerger)
		m.kind, m.number = Kind(key[0]), blockNumber(key[n:])
		return m, m.MergeNewer(value)
	}
	if len(key) > 0 && key[0] == counterKey {
		m := new(countMerger)
		return m, m.MergeNewer(value)
	}
	return nil, pebbleCorruption(fmt.Errorf("key %q takes no merges", key))
}

var runMergers = sync.Pool{New: func() any { return new(runMerger) }}

// A runMerger gathers the values of a block and joins them at the end.
type runMerger struct {
	kind    Kind
	number  uint64
	values  []byte // in the order in which they came
	ends    []int  // of each in values
	older   bool   // they came newest first
	entries []entry
	joined  []byte
}

func (m *runMerger) MergeNewer(value []byte) error {
	m.values = append(m.values, value...)
	m.ends = append(m.ends, len(m.values))
	return nil
}

func (m *runMerger) MergeOlder(value []byte) error {
	m.older = true
	return m.MergeNewer(value)
}

// Finish returns the joined value. It is the merger's own until closed.
func (m *runMerger) Finish(bool) ([]byte, io.Closer, error) {
	if len(m.ends) == 1 {
		return m.values, m, nil
	}
	var err error
	for i := range m.ends {
		if m.older {
			i = len(m.ends) - 1 - i
		}
		if m.entries, err = decodeRuns(m.entries, m.kind, m.number, m.value(i)); err != nil {
			return nil, nil, pebbleCorruption(err)
		}
	}
	m.joined = appendRuns(m.joined, m.kind, m.entries)
	return m.joined, m, nil
}

func (m *runMerger) value(i int) []byte {
	start := 0
	if i > 0 {
		start = m.ends[i-1]
	}
	return m.values[start:m.ends[i]]
}

// Close lets the next merge have the buffers.
func (m *runMerger) Close() error {
	*m = runMerger{values: m.values[:0], ends: m.ends[:0], entries: m.entries[:0], joined: m.joined[:0]}
	runMergers.Put(m)
	return nil
}

// A countMerger adds counts.
type countMerger struct{ events, streams uint64 }

func (m *countMerger) MergeNewer(value []byte) error {
	events, streams, err := decodeCount(value)
	m.events, m.streams = m.events+events, m.streams+streams
	return err
}

func (m *countMerger) MergeOlder(value []byte) error { return m.MergeNewer(value) }

func (m *countMerger) Finish(bool) ([]byte, io.Closer, error) {
	return appendNumbers(nil, m.events, m.streams), nil, nil
}

func decodeCount(value []byte) (events, streams uint64, err error) {
	var n [2]uint64
	err = decodeNumbers(value, n[:])
	return n[0], n[1], err
}

// appendNumbers appends varints, decodeNumbers reads as many as there were.
func appendNumbers(dst []byte, ns ...uint64) []byte {
	for _, n := range ns {
		dst = binary.AppendUvarint(dst, n)
	}
	return dst
}

func decodeNumbers(value []byte, ns []uint64) error {
	d := decoder{rest: value}
	for i := range ns {
		ns[i] = d.number()
	}
	if d.bad || len(d.rest) > 0 {
		return pebbleCorruption(fmt.Errorf("malformed value of %d bytes", len(value)))
	}
	return nil
}
