package torture

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/decider/snapshot"
	"github.com/cairndb/cairn/examples/bank/account"
	"github.com/cairndb/cairn/examples/bank/bank"
)

// A turn is the time in which one process owns the store.
type turn struct {
	settings
	number uint32
	open   Opener
	say    func(message) error

	bank     *bank.Bank
	accounts []account.Number
	acks     ackFile
	work     counters
}

// run opens the store and works until the context ends, or the process. An
// error says what went wrong; the end of the context is not one.
func (t *turn) run(ctx context.Context) error {
	began := time.Now()
	store, err := t.open(t.Store)
	if err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	err = t.say(message{Said: saidOpened, Took: time.Since(began)})
	if err == nil {
		err = t.own(ctx, store)
	}
	if err := errors.Join(err, store.Close()); err != nil {
		return err
	}
	return t.say(message{Said: saidStopped, Work: t.work.load()})
}

// own does what the owner of the store does.
func (t *turn) own(ctx context.Context, store cairn.Store) (err error) {
	if t.acks, err = createAcks(t.Acks, t.number); err != nil {
		return err
	}
	defer t.acks.Close()
	made, err := t.loadSetup()
	if err != nil {
		return err
	}
	t.bank = bank.New(store, &bank.Options{Snapshots: snapshot.NewStreams(store, "")})
	t.accounts = made.Accounts
	result, err := t.takeOver(ctx, store)
	if err != nil {
		return endOr(ctx, err)
	}
	if err := t.say(message{Said: saidWorking, Audit: result}); err != nil {
		return err
	}
	return t.workers(ctx)
}

// takeOver audits what the turns before have left, and does again what they may
// not have finished.
func (t *turn) takeOver(ctx context.Context, store cairn.Store) (result audit, err error) {
	began := time.Now()
	p, err := t.loadProgress()
	if err != nil {
		return result, err
	}
	if result, err = t.audit(ctx, store, p.Ledger, p.Turn, t.number); err != nil {
		return result, err
	}
	p.Ledger.settle(p.Turn)
	last := p.Turn
	p.Turn = t.number
	if err := t.saveProgress(p); err != nil {
		return result, err
	}
	result.Took = time.Since(began)
	for turn := last; turn < t.number && err == nil; turn++ {
		var n uint64
		n, err = t.again(ctx, turn)
		result.Again += n
	}
	return result, err
}

// workers move money until the context ends.
func (t *turn) workers(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for w := range t.Workers {
		group.Go(func() error {
			for n := uint32(0); ctx.Err() == nil; n++ {
				if err := t.do(ctx, task{t.number, uint16(w), n}); err != nil {
					return endOr(ctx, fmt.Errorf("task %d.%d.%d: %w", t.number, w, n, err))
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// endOr is nil for an error that only says that the context has ended.
func endOr(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}
