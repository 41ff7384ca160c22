package storetest

import (
	"fmt"
	"slices"

	"github.com/cairndb/cairn"
)

// commitOperation commits the batch, or appends if that comes to the same.
func (m *model) commitOperation(b cairn.Batch) operation {
	simple := len(b.Writes) == 1 && len(b.Conditions) == 0 && b.Key == "" && b.Writes[0].Delete == cairn.Keep
	return operation{fmt.Sprintf("commit %+v", b), func(s cairn.Store) (r result) {
		if simple {
			w := b.Writes[0]
			var receipt cairn.Receipt
			receipt, r.err = s.Append(m.ctx, w.Stream, w.Expected, w.Events...)
			r.receipt = cairn.BatchReceipt{Revisions: []cairn.Revision{receipt.Revision}, Position: receipt.Position, Duplicate: receipt.Duplicate}
		} else {
			r.receipt, r.err = s.Commit(m.ctx, b)
		}
		if s == m.reference && r.err == nil && !r.receipt.Duplicate {
			m.remember(b)
		}
		if r.err == nil && len(b.Writes) == 1 && b.Writes[0].Delete == cairn.Tombstone {
			r.receipt.Revisions = nil
		}
		return r
	}}
}

// remember keeps track of a batch that was stored.
func (m *model) remember(b cairn.Batch) {
	m.attempts = append(m.attempts, attempt{b, m.number})
	for _, w := range b.Writes {
		for _, e := range w.Events {
			if !e.ID.IsZero() {
				m.stored[e.ID]++
			}
		}
		described, meta := cairn.DescribedStream(w.Stream)
		if w.Delete != cairn.Keep {
			m.erased[w.Stream] = m.number
		}
		if meta {
			m.erased[described] = m.number // perhaps: by hand
		}
		if w.Delete == cairn.Tombstone {
			m.closed = append(m.closed, w.Stream)
			i := slices.Index(m.streams, w.Stream)
			m.streams[i] = m.name()
		}
	}
}
