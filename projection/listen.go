package projection

import (
	"context"
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
	did, failed := retried(w.retryAll(ctx, w.build, a.keys()))
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return a.reply(ctx, w.target, did, failed)
}
