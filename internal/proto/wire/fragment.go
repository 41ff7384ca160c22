package wire

import (
	"errors"
	"iter"

	"google.golang.org/protobuf/encoding/protowire"
)

const (
	// MaxItem is how many bytes a submission, an outcome or an event has that
	// travels whole. Together with what surrounds it, it fits into a message of
	// 1 MiB.
	MaxItem = 1<<20 - 1<<10

	// MaxBatch is how many bytes a batch may have when it is encoded. It is
	// enough for all that the limits of the contract allow, but for batches with
	// very many long names and no events.
	MaxBatch = 128 << 20

	// maxWhole is how many bytes of fragments are put together: those of the
	// facts of a conflict with many large events.
	maxWhole = 1 << 30
)

// ErrTooLong is matched by the error of fragments that never end.
var ErrTooLong = errors.New("wire: too many fragments")

// fragments are the messages that carry an item in pieces, in the field n.
func fragments(n protowire.Number, item []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for last := false; !last; {
			size := min(len(item), MaxItem)
			piece := item[:size]
			item = item[size:]
			last = len(item) == 0
			b, at := begin(make([]byte, 0, size+32), n)
			if !yield(end(appendFlag(appendBytes(b, 1, piece), 2, last), at)) {
				return
			}
		}
	}
}

// RequestFragments are the CommitRequests that carry a long submission.
func RequestFragments(number uint64, batch []byte) iter.Seq[[]byte] {
	return fragments(4, appendSubmission(nil, number, batch))
}

// An Assembly puts fragments together.
type Assembly struct {
	whole []byte
	limit int
}

// add takes a fragment. It returns the whole with the last one, else nil.
func (a *Assembly) add(b []byte) ([]byte, error) {
	last := false
	p := parser{rest: b}
	for p.next() {
		switch p.number {
		case 1:
			if len(a.whole)+len(p.bytes()) > a.limit {
				return nil, ErrTooLong
			}
			a.whole = append(a.whole, p.bytes()...)
		case 2:
			last = p.flag()
		}
	}
	if p.err != nil || !last {
		return nil, p.err
	}
	whole := a.whole
	a.whole = nil
	if whole == nil {
		whole = []byte{}
	}
	return whole, nil
}
