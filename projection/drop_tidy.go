package projection

import (
	"context"
	"time"
)

// How long whoever drops builds waits until it looks again: at most, because
// somebody may have switched meanwhile, after it has failed, and at least.
const (
	tidyEvery = 10 * time.Second
	tidyAgain = time.Second
	tidyLeast = 100 * time.Millisecond
)

// tidying drops builds whose time has come, as long as the build that readers see
// is one of those that run here. What fails is tried again: it must not end those
// who run.
func tidying(publisher Publisher, name string, here func(build int) bool) func(ctx context.Context) error {
	x := discarder{publisher, name, placeOf(name)}
	return func(ctx context.Context) error {
		for pause := time.Duration(0); rest(ctx, pause); {
			next, err := x.tidy(ctx, here)
			switch pause = tidyEvery; {
			case err != nil:
				pause = tidyAgain
			case !next.IsZero():
				pause = min(pause, max(tidyLeast, time.Until(next)))
			}
		}
		return nil
	}
}

// tidy drops what is due if that is the business of those who run here.
func (x discarder) tidy(ctx context.Context, here func(build int) bool) (next time.Time, err error) {
	d, _, err := loadDeployment(ctx, x.publisher, x.place)
	if err != nil || !here(d.Active) {
		return next, err
	}
	return x.dropDue(ctx)
}
