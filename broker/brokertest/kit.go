package brokertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/cairndb/cairn/broker"
)

// errTooLong ends whatever a check still waits for when its time is up.
var errTooLong = errors.New("brokertest: this should have happened long ago")

// probe is the type of the messages that find out whether a subscriber listens.
const probe = "brokertest.probe"

// A kit is what a check works with. Its methods are for the check's goroutine.
type kit struct {
	testing.TB
	Broker
	ctx       context.Context
	lacks     []Feature
	listeners []*listener
	closers   []broker.Publisher
	prober    broker.Publisher
}

func (k *kit) lack(f Feature) bool { return slices.Contains(k.lacks, f) }

// publisher opens a publisher that is closed with the check.
func (k *kit) publisher() broker.Publisher {
	k.Helper()
	p := k.Publisher(k.TB)
	k.closers = append(k.closers, p)
	return p
}

// dismiss ends what the check has left running.
func (k *kit) dismiss() {
	if k.Line != nil {
		k.Line.Mend()
	}
	for _, l := range k.listeners {
		l.cancel()
	}
	for _, l := range k.listeners {
		k.waitFor(l)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience) // whatever has become of the check's
	defer cancel()
	for _, p := range k.closers {
		if err := p.Close(ctx); err != nil && !errors.Is(err, broker.ErrClosed) {
			k.Errorf("closing a publisher: %v", err)
		}
	}
}

func (k *kit) needLine() {
	if k.Line == nil {
		k.Skip("the broker cannot be disturbed")
	}
}

func (k *kit) publish(p broker.Publisher, all ...broker.Message) {
	k.Helper()
	for _, m := range all {
		if err := p.Publish(k.ctx, m); err != nil {
			k.Fatalf("publishing %s: %v", m.Event.ID(), err)
		}
	}
}

// insist publishes as a relay does: it tries again while the broker is unavailable.
func (k *kit) insist(p broker.Publisher, m broker.Message) error {
	for {
		ctx, cancel := context.WithTimeout(k.ctx, 5*time.Second)
		err := p.Publish(ctx, m)
		cancel()
		if err == nil || !errors.Is(err, broker.ErrUnavailable) || k.ctx.Err() != nil {
			return err
		}
		if err := pause(k.ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
}

// pause lets others do something, at most for so long.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// summary lists the IDs of what arrived.
func summary(all []broker.Delivery) string {
	var ids []string
	for i, d := range all {
		if i == 20 {
			ids = append(ids, "…")
			break
		}
		ids = append(ids, d.Event.ID())
	}
	return fmt.Sprintf("%d: %v", len(all), ids)
}

// distinct is how many IDs there are.
func distinct(all []broker.Delivery) int {
	ids := map[string]bool{}
	for _, d := range all {
		ids[d.Event.ID()] = true
	}
	return len(ids)
}
