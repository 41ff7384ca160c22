package kurrentdb

import (
	"crypto/sha256"
	"encoding/binary"
	"iter"

	"github.com/cairndb/cairn"
)

// A ledger sums up what streams hold, so that two sides can be compared. It takes
// the names of the streams and some hundred bytes for each.
type ledger struct {
	streams map[string]*account
	times   bool // whether the time of an event counts
	partial bool // only some events were selected, metadata perhaps not
	events  int64
}

// An account is what a stream holds. The sum depends on the order within the
// stream and on nothing outside it, so adding up those of all streams says the
// same whatever the order of the log.
type account struct {
	events   int64
	sum      uint64
	first    cairn.Revision // of the first event that is still there
	closed   bool           // for good
	metadata []byte         // the last; nil if there is none
}

func newLedger(times bool) *ledger { return &ledger{streams: map[string]*account{}, times: times} }

func (l *ledger) account(stream string) *account {
	a := l.streams[stream]
	if a == nil {
		a = &account{}
		l.streams[stream] = a
	}
	return a
}

// enter adds an event. Metadata and the event that closes a stream are not
// summed: either side writes some of its own, which say the same.
func (l *ledger) enter(e *cairn.Recorded) {
	if described, ok := cairn.DescribedStream(e.Stream); ok {
		if e.Type == cairn.TypeMetadata {
			l.account(described).metadata = append([]byte{}, e.Data...)
		}
		return
	}
	a := l.account(e.Stream)
	if e.Type == cairn.TypeStreamDeleted {
		a.closed = true
		return
	}
	if a.events == 0 {
		a.first = e.Revision
	}
	a.sum += l.digest(e, a.events)
	a.events++
	l.events++
}

// entering enters events on their way.
func (l *ledger) entering(all iter.Seq2[cairn.Recorded, error]) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		for e, err := range all {
			if err == nil {
				l.enter(&e)
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// digest is the beginning of a SHA-256 over all that is copied of an event, and
// its place among those of its stream.
func (l *ledger) digest(e *cairn.Recorded, nth int64) uint64 {
	h := sha256.New()
	var head []byte
	for _, s := range []string{e.Stream, e.Type} {
		head = append(binary.AppendUvarint(head, uint64(len(s))), s...)
	}
	head = binary.AppendVarint(append(head, e.ID[:]...), nth)
	if l.times {
		head = binary.AppendVarint(head, e.Time.UnixNano()/100) // as exact as KurrentDB
	}
	json := byte(0)
	if e.Format == cairn.JSON {
		json = 1
	}
	head = binary.AppendUvarint(append(head, json), uint64(len(e.Data)))
	h.Write(head)
	h.Write(e.Data)
	h.Write(e.Metadata)
	return binary.BigEndian.Uint64(h.Sum(nil))
}

// sum is that of all streams.
func (l *ledger) sum() (all uint64) {
	for _, a := range l.streams {
		all += a.sum
	}
	return all
}
