package kurrent

import (
	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/kurrentv2"
)

// A plan is a request to append records on its way to the store.
type plan struct {
	batch    cairn.Batch
	written  []string // streams, in the order in which they are first written
	checks   []check
	explicit int // how many of the checks, from the first, the request holds
}

// A check says where a stream is expected. A stream that is written without
// one has one that asks for nothing.
type check struct {
	stream   string
	expected cairn.Revision
	written  bool
}

func newPlan(req *kurrentv2.AppendRecordsRequest) *plan {
	p := &plan{explicit: len(req.GetChecks())}
	written := map[string]bool{}
	for _, r := range req.GetRecords() {
		if !written[r.GetStream()] {
			written[r.GetStream()] = true
			p.written = append(p.written, r.GetStream())
		}
	}
	checked := map[string]bool{}
	for _, c := range req.GetChecks() {
		s := c.GetStreamState()
		p.checks = append(p.checks, check{s.GetStream(), cairn.Revision(s.GetExpectedState()), written[s.GetStream()]})
		checked[s.GetStream()] = true
	}
	for _, stream := range p.written {
		if !checked[stream] {
			p.checks = append(p.checks, check{stream, cairn.Any, true})
		}
	}
	return p
}

// write adds a record. Neighbours of one stream share a write.
func (p *plan) write(r *kurrentv2.AppendRecord) {
	if n := len(p.batch.Writes); n == 0 || p.batch.Writes[n-1].Stream != r.GetStream() {
		p.batch.Writes = append(p.batch.Writes, cairn.Write{Stream: r.GetStream(), Expected: cairn.Any})
	}
	w := &p.batch.Writes[len(p.batch.Writes)-1]
	w.Events = append(w.Events, recordEvent(r))
}

// condition puts the checks into the batch: as an expectation of the writes if
// it can be one, since writes are recognised when they are repeated, and else as
// a condition.
func (p *plan) condition() {
	expected := map[string]cairn.Revision{}
	for _, c := range p.checks {
		if c.written && c.expected > cairn.SoftDeleted {
			expected[c.stream] = c.expected
		} else {
			p.batch.Conditions = append(p.batch.Conditions, cairn.StreamAt(c.stream, c.expected))
		}
	}
	for i := range p.batch.Writes {
		w := &p.batch.Writes[i]
		if e, ok := expected[w.Stream]; ok {
			w.Expected = e
		}
	}
}
