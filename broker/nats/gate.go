package nats

import (
	"context"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A gate keeps back what is delivered for the first time while older messages
// may be missing: a subscriber was killed with them, or they were on their way
// when the connection was lost. The server delivers those again, but only after
// AckWait, and new ones at once, which would so overtake them. The gate is shut
// when a session begins and after each reconnection.
type gate struct {
	shut       bool
	kept       []uint64
	reconnects uint64        // when it was last looked at
	changed    chan struct{} // holds one when it has been shut
}

// keeps tells whether a message has to wait, and keeps it. The session's mutex is
// held, here and below.
func (x *session) keeps(seq uint64, again bool) bool {
	if n := x.conn.Stats().Reconnects; n != x.gate.reconnects {
		x.gate.reconnects = n
		x.shut()
	}
	if !x.gate.shut || again {
		return false
	}
	x.gate.kept = append(x.gate.kept, seq)
	return true
}

func (x *session) shut() {
	x.gate.shut = true
	select {
	case x.gate.changed <- struct{}{}:
	default:
	}
}

// tend opens the gate, whenever it was shut, as soon as nothing is missing, or
// would have been delivered again.
func (x *session) tend(ctx context.Context, c jetstream.Consumer) {
	for {
		select {
		case <-x.gate.changed:
		case <-ctx.Done():
			return
		}
		late := time.Now().Add(x.o.AckWait + x.o.AckWait/2)
		for wait := 10 * time.Millisecond; !x.open(ctx, c, late) && ctx.Err() == nil; wait = min(2*wait, x.o.AckWait/8) {
			pause(ctx, wait)
		}
	}
}

// open opens the gate if all that is pending is held here, or all before the
// first message kept is settled, or it is late. What was held before the server
// was asked and still is when it has answered was pending meanwhile.
func (x *session) open(ctx context.Context, c jetstream.Consumer, late time.Time) bool {
	reconnects, before := x.conn.Stats().Reconnects, x.sequences()
	asking, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	i, err := c.Info(asking)
	x.mu.Lock()
	defer x.mu.Unlock()
	if err != nil || reconnects != x.conn.Stats().Reconnects {
		return false
	}
	slices.Sort(x.gate.kept)
	ours := 0
	for _, seq := range before {
		if x.held[seq] != nil {
			ours++
		}
	}
	settled := len(x.gate.kept) > 0 && i.AckFloor.Stream+1 >= x.gate.kept[0]
	if i.NumAckPending > ours && !settled && time.Now().Before(late) {
		return false
	}
	for _, seq := range x.gate.kept {
		x.lanes.Add(x.held[seq].task)
	}
	x.gate.shut, x.gate.kept = false, nil
	return true
}
