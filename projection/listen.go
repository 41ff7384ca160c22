package projection

import (
	"context"
	"fmt"
	"time"
)

// listen does what somebody has asked those who run the build for. What fails is
// tried again the next time: it must not end who runs.
func (w *work[Tx]) listen(ctx context.Context) error {
	every := w.o.Report
	if every < 0 {
		every = 2 * time.Second
	}
	for rest(ctx, every) {
		if err := w.hear(ctx); err != nil && ctx.Err() == nil {
			w.o.Logger.Warn("what was asked of a projection could not be done", "projection", w.p.Name, "error", err)
		}
	}
	return nil
}

// hear does what is asked, if readers see this build.
func (w *work[Tx]) hear(ctx context.Context) error {
	open, err := openAsks(ctx, w.target, w.place)
	for _, a := range open {
		if a.What != AskRetry || err != nil {
			continue
		}
		d, _, err := loadDeployment(ctx, w.target, w.place)
		if err != nil || d.Active != w.build.Build {
			return err
		}
		if err := w.retryAsked(ctx, a); err != nil {
			return err
		}
	}
	return err
}

func (w *work[Tx]) retryAsked(ctx context.Context, a asked) error {
	var keys []string
	if a.Request.Key != "" {
		keys = []string{a.Request.Key}
	}
	all, failed := w.retryAll(ctx, w.build, keys)
	applied, free := 0, 0
	for _, k := range all {
		applied += k.Applied
		if k.Left == 0 && k.Err == nil {
			free++
		} else if failed == nil {
			failed = k.Err
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	did := fmt.Sprintf("%d events of %d keys were applied, and %d keys are free", applied, len(all), free)
	return a.reply(ctx, w.target, did, failed)
}
