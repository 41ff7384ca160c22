package decider

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/cairndb/cairn"
)

// A proposal is what a decision wants stored, if anything, and the error to
// return once it is.
type proposal struct {
	batch   cairn.Batch
	refusal error
}

// An outcome is what became of the proposals.
type outcome struct {
	receipt  cairn.BatchReceipt
	attempts int
	refused  bool // the error is the decision's own
}

// settle proposes and commits until a proposal is stored or cannot be.
func (d *Decider[S, E]) settle(ctx context.Context, propose func(again bool) (proposal, error)) (o outcome, err error) {
	p := d.patience()
	if o.receipt, err = d.recall(ctx, p); err != nil || o.receipt.Duplicate {
		return o, err
	}
	p.attempts = 0
	for again := false; ; again = true {
		next, err := propose(again)
		if err != nil {
			return o, err
		}
		o.receipt, err = d.commit(ctx, p, next.batch)
		o.attempts = p.attempts
		if err == nil {
			o.refused = next.refusal != nil
			return o, next.refusal
		}
		if !errors.Is(err, cairn.ErrConflict) || errors.Is(err, ErrGaveUp) || d.required(err) {
			return o, err
		}
		if err := p.wait(ctx, err); err != nil {
			return o, err
		}
	}
}

// never is a condition that no store fulfils.
var never = []cairn.Condition{cairn.StreamAt("$never", cairn.TombstoneRevision-1)}

// recall returns the answer that was given for the key, if there was one. It
// asks with a batch that can be answered but not stored.
func (d *Decider[S, E]) recall(ctx context.Context, p *patience) (cairn.BatchReceipt, error) {
	if d.key == "" {
		return cairn.BatchReceipt{}, nil
	}
	receipt, err := d.commit(ctx, p, cairn.Batch{Key: d.key, Conditions: never})
	if errors.Is(err, cairn.ErrConflict) && !errors.Is(err, ErrGaveUp) {
		return cairn.BatchReceipt{}, nil
	}
	return receipt, err
}

// commit commits a batch until it is known what became of it. A conflict after
// an unknown outcome means that the batch was not stored and cannot be any more:
// had it been, its events or its key would have been recognised, and what it
// expected is past. Any other error leaves the outcome unknown.
func (d *Decider[S, E]) commit(ctx context.Context, p *patience, b cairn.Batch) (cairn.BatchReceipt, error) {
	if len(b.Writes) == 0 && len(b.Conditions) == 0 {
		return cairn.BatchReceipt{}, nil
	}
	var unknown error
	for {
		p.attempts++
		receipt, err := d.send(ctx, b)
		switch {
		case err == nil || errors.Is(err, cairn.ErrConflict):
			return receipt, err
		case !errors.Is(err, cairn.ErrUnknownOutcome) && unknown != nil:
			return receipt, errors.Join(unknown, err)
		case !errors.Is(err, cairn.ErrUnknownOutcome):
			return receipt, err
		}
		unknown = err
		if err := p.wait(ctx, unknown); err != nil {
			return receipt, err
		}
	}
}

// send commits a batch, as an append if it is no more than that.
func (d *Decider[S, E]) send(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	if len(b.Writes) != 1 || len(b.Conditions) > 0 || b.Key != "" {
		return d.store.Commit(ctx, b)
	}
	w := &b.Writes[0]
	r, err := d.store.Append(ctx, w.Stream, w.Expected, w.Events...)
	return cairn.BatchReceipt{Revisions: []cairn.Revision{r.Revision}, Position: r.Position, Duplicate: r.Duplicate}, err
}

// required reports whether a conflict is with one of the conditions of
// Requiring, which the next attempt would have again.
func (d *Decider[S, E]) required(err error) bool {
	c, ok := errors.AsType[*cairn.ConflictError](err)
	return ok && slices.ContainsFunc(append(c.Others[:len(c.Others):len(c.Others)], c), d.requirement)
}

func (d *Decider[S, E]) requirement(c *cairn.ConflictError) bool {
	return slices.ContainsFunc(d.requires, func(r cairn.Condition) bool {
		if r.Query != nil {
			return r.After == c.After && reflect.DeepEqual(r.Query, c.Query)
		}
		return r.Stream == c.Stream && r.Expected == c.Expected
	})
}
