package kurrent

import (
	"context"
	"time"

	"github.com/cairndb/cairn"
)

// A batchGroup commits appends together. It keeps its memory from one group to
// the next.
type batchGroup struct {
	writes   []cairn.Write
	batches  []cairn.Batch
	outcomes []batchOutcome
	answers  batchAnswers
}

// A batchOutcome is what became of an append.
type batchOutcome struct {
	revision cairn.Revision
	position cairn.Position
	err      error
}

// commit commits the appends that have not failed already.
func (g *batchGroup) commit(ctx context.Context, store cairn.Committer, writes []*batchWrite) {
	g.writes, g.batches, g.outcomes = g.writes[:0], g.batches[:0], g.outcomes[:0]
	now := time.Now()
	for _, w := range writes {
		if w.err == nil && !now.Before(w.until) {
			w.err = timedOut("append")
		}
		if w.err == nil {
			g.writes = append(g.writes, cairn.Write{Stream: w.stream, Expected: w.expected, Events: w.events})
		}
	}
	for i := range g.writes {
		g.batches = append(g.batches, cairn.Batch{Writes: g.writes[i : i+1]})
	}
	done := cairn.CommitEach(ctx, store, g.batches)
	for _, w := range writes {
		if w.err != nil {
			g.outcomes = append(g.outcomes, batchOutcome{err: w.err})
			continue
		}
		g.outcomes = append(g.outcomes, outcomeOf(&done[0]))
		done = done[1:]
	}
	clear(g.writes)
}

func outcomeOf(o *cairn.Outcome) batchOutcome {
	if o.Err != nil {
		return batchOutcome{err: o.Err}
	}
	return batchOutcome{revision: o.Revisions[0], position: o.Position}
}

func (g *batchGroup) answer(w *batchWrite, o batchOutcome) *encoded {
	if o.err != nil {
		return g.answers.failure(w, o.err)
	}
	return g.answers.success(w, o.revision, o.position)
}
