package brokertest

import (
	"context"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/group/grouptest"
)

// A runningRelay is one of a process of its own.
type runningRelay struct {
	store *grouptest.Cuttable
	stop  context.CancelFunc
	done  chan struct{}
	err   error
}

// relay starts a relay; prepare may change its options and know its store.
func (k *relayKit) relay(o broker.RelayOptions) *runningRelay {
	ctx, stop := context.WithCancel(k.ctx)
	r := &runningRelay{store: grouptest.NewCuttable(k.store), stop: stop, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.err = broker.Relay(ctx, r.store, relayName, o)
	}()
	k.relays = append(k.relays, r)
	return r
}

// kill ends a relay without letting it write another word.
func (k *relayKit) kill(r *runningRelay) {
	r.store.Cut()
	r.stop()
	<-r.done
	for i, o := range k.relays {
		if o == r {
			k.relays = append(k.relays[:i], k.relays[i+1:]...)
			return
		}
	}
}

func (k *relayKit) killAll() {
	for len(k.relays) > 0 {
		k.kill(k.relays[0])
	}
}
