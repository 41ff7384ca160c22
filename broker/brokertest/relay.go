package brokertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/group"
)

// A RelayConfig says how to get at a store, and a broker to relay to.
type RelayConfig struct {
	Config

	// Store opens an empty store, which the kit closes.
	Store func(t testing.TB) cairn.Store
}

// relayChecks begin with a relay between an empty store and a broker.
var relayChecks = []struct {
	name string
	run  func(k *relayKit)
}{
	{"killed between publishing and the checkpoint", killedRelay},
	{"two owners", twoRelays},
	{"a broker that is down", brokerDown},
	{"a broker that does not answer", brokerSilent},
	{"a broker that is full now and then", brokerFull},
	{"what fails disturbs its own key only", poisoned},
	{"a story of chance", relayStory},
}

// RunRelay has relays tell a broker what happens in a store, while they are
// killed and the broker fails: nothing is lost, and who knows the IDs of what it
// has seen sees each key in order. The broker must be one that [Run] is content
// with, and [Durable]. The random checks begin with a seed that is logged; set
// CAIRN_SEED in the environment to play the same again.
func RunRelay(t *testing.T, c RelayConfig) {
	for _, check := range relayChecks {
		t.Run(check.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeoutCause(context.Background(), patience, errTooLong)
			defer cancel()
			store := c.Store(t)
			defer func() {
				if err := store.Close(); err != nil {
					t.Errorf("closing the store: %v", err)
				}
			}()
			k := &relayKit{kit: &kit{TB: t, Broker: c.Open(t), ctx: ctx, lacks: c.Lacks}, store: store, put: map[string]int{}, rand: dice(t)}
			defer k.dismiss()
			defer k.killAll()
			k.heard = k.listen(Subscription{Workers: 4}, nil)
			check.run(k)
		})
	}
}

func dice(t *testing.T) *rand.Rand {
	seed := rand.Uint64()
	if s, err := strconv.ParseUint(os.Getenv("CAIRN_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("CAIRN_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// relayName is that of the relay, and its group.
const relayName = "relay"

// A relayKit is what a check of relays works with.
type relayKit struct {
	*kit
	store  cairn.Store
	heard  *listener
	rand   *rand.Rand
	put    map[string]int // how many events a stream was given
	total  int
	relays []*runningRelay
}

// A cameV1 says which event of a stream it is.
type cameV1 struct {
	Stream string
	N      int
}

func (k *relayKit) cameType() broker.EventType[cameV1] {
	return broker.EventType[cameV1]{Name: "com.example.came.v1", Topic: k.Topic}
}

// options are made for tests: little is waited for, and much is in the way.
func (k *relayKit) options(p broker.Publisher) broker.RelayOptions {
	k.Helper()
	came := k.cameType()
	contract, err := broker.NewContract("https://example.com/brokertest", came)
	if err != nil {
		k.Fatal(err)
	}
	return broker.RelayOptions{
		Contract: contract, Publisher: p, MaxHold: 50 * time.Millisecond, PublishTimeout: 2 * time.Second,
		Mapping: broker.ByType(map[string]broker.Mapping{"came": func(e cairn.Recorded) ([]broker.Draft, error) {
			return []broker.Draft{came.Draft(cameV1{e.Stream, int(e.Revision)})}, nil
		}}),
		Group: group.Options{
			Query: cairn.ByCategory("in"), Partitions: 8, Workers: 16, Window: 128, PerKey: 4,
			Lease: 300 * time.Millisecond, CheckpointEvery: 20 * time.Millisecond,
			Backoff: group.Jitter(time.Millisecond, 5*time.Millisecond),
		},
	}
}

// feed appends n events to streams at random.
func (k *relayKit) feed(n, keys int) {
	k.Helper()
	for range n {
		stream := fmt.Sprintf("in-%d", k.rand.IntN(keys))
		if _, err := k.store.Append(k.ctx, stream, cairn.Any, cairn.Event{Type: "came"}); err != nil {
			k.Fatal(err)
		}
		k.put[stream]++
		k.total++
	}
}

// awaitAll waits until every event was heard of, and checks what was.
func (k *relayKit) awaitAll() {
	k.Helper()
	all := k.await(k.heard, fmt.Sprintf("%d events", k.total), func(all []broker.Delivery) bool { return distinct(all) >= k.total })
	seen, next := map[string]bool{}, map[string]int{}
	for _, d := range all {
		if seen[d.Event.ID()] {
			continue
		}
		seen[d.Event.ID()] = true
		var got cameV1
		if err := json.Unmarshal(d.Event.Data(), &got); err != nil || got.Stream != d.Event.Subject() {
			k.Errorf("%s is %s, %v", d.Event.ID(), d.Event.Data(), err)
		}
		if got.N != next[got.Stream] && !k.lack(Order) {
			k.Errorf("of %s, number %d arrived where %d was to", got.Stream, got.N, next[got.Stream])
		}
		next[got.Stream]++
	}
	for stream, n := range k.put {
		if next[stream] != n {
			k.Errorf("of %d events of %s, %d different messages arrived", n, stream, next[stream])
		}
	}
}

// nothingParked wants all that failed to have been tried again.
func (k *relayKit) nothingParked() {
	k.Helper()
	keys, err := group.Parked(k.ctx, k.store, relayName)
	if err != nil && !errors.Is(err, group.ErrUnknown) || len(keys) > 0 {
		var why []string
		for _, p := range keys {
			why = append(why, p.Key+": "+p.Error)
		}
		k.Errorf("parked are %s, %v", strings.Join(why, ", "), err)
	}
}
