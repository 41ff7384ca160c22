package kurrent

import (
	"context"
	"fmt"
	"strings"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/kurrentv2"
	"github.com/cairndb/cairn/server/access"
)

// appendRecords appends records to the streams they name, in their order, if
// every check holds.
func (s *v2Server) appendRecords(ctx context.Context, req *kurrentv2.AppendRecordsRequest) (*kurrentv2.AppendRecordsResponse, error) {
	p, err := s.plan(ctx, req)
	if err != nil {
		return nil, v2Fail(ctx, err)
	}
	r, err := s.commitV2(ctx, p.batch)
	if err != nil {
		return nil, v2Fail(ctx, s.violations(ctx, p, err))
	}
	last := map[string]cairn.Revision{}
	for i, w := range p.batch.Writes {
		last[w.Stream] = r.Revisions[i]
	}
	answer := &kurrentv2.AppendRecordsResponse{Position: int64(r.Position)}
	for _, stream := range p.written {
		answer.Revisions = append(answer.Revisions, &kurrentv2.StreamRevision{Stream: stream, Revision: int64(last[stream])})
	}
	return answer, nil
}

// plan turns a request into a batch, if it makes sense and the caller may.
func (s *v2Server) plan(ctx context.Context, req *kurrentv2.AppendRecordsRequest) (*plan, error) {
	if err := validRecords(req); err != nil {
		return nil, err
	}
	p := newPlan(req)
	for _, stream := range p.written {
		if err := s.mayChange(ctx, access.Write, stream); err != nil {
			return nil, err
		}
	}
	for _, c := range p.checks {
		if !c.written {
			if err := s.access.Check(ctx, access.Read, c.stream); err != nil {
				return nil, err
			}
		}
	}
	tally := s.tally()
	for _, r := range req.GetRecords() {
		if err := tally.add(r.GetStream(), r); err != nil {
			return nil, err
		}
		p.write(r)
	}
	p.condition()
	return p, nil
}

func validRecords(req *kurrentv2.AppendRecordsRequest) error {
	var c complaints
	c.records(req.GetRecords())
	for i, r := range req.GetRecords() {
		c.stream(fmt.Sprintf("records[%d].stream", i), r.GetStream())
	}
	seen := map[string]bool{}
	for i, check := range req.GetChecks() {
		field := fmt.Sprintf("checks[%d]", i)
		state := check.GetStreamState()
		if state == nil {
			c.add(field, "is of no type that is known")
			continue
		}
		c.stream(field+".stream_state.stream", state.GetStream())
		c.revision(field+".stream_state.expected_state", state.GetExpectedState(),
			cairn.NoStream, cairn.StreamExists, cairn.SoftDeleted, cairn.Tombstoned)
		folded := strings.ToUpper(state.GetStream())
		if seen[folded] {
			c.add(field+".stream_state.stream", "the stream is checked already")
		}
		seen[folded] = true
	}
	return c.err()
}
