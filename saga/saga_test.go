package saga_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/component"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/saga"
	"github.com/cairndb/cairn/timer"
	"github.com/cairndb/cairn/timer/timertest"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// patience is how long a test waits for what must happen.
const patience = time.Minute

// A shop is a store in which orders are handled.
type shop struct {
	testing.TB
	ctx   context.Context
	store cairn.Store
	clock *timertest.Clock
}

func open(t testing.TB) *shop {
	t.Helper()
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithTimeout(t.Context(), patience)
	t.Cleanup(func() {
		end()
		store.Close()
	})
	return &shop{t, ctx, store, timertest.NewClock(noon)}
}

func (k *shop) options() saga.Options {
	return saga.Options{Clock: k.clock, Group: group.Options{
		Partitions: 8, Attempts: 2, Lease: 300 * time.Millisecond, CheckpointEvery: 20 * time.Millisecond,
		Backoff: group.Jitter(time.Millisecond, 5*time.Millisecond),
	}}
}

// start runs something until the function that it returns is called.
func (k *shop) start(run func(context.Context) error) (stop func()) {
	ctx, end := context.WithCancel(k.ctx)
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	stop = sync.OnceFunc(func() {
		end()
		if err := <-done; !errors.Is(err, context.Canceled) {
			k.Errorf("it ended with %v", err)
		}
	})
	k.Cleanup(stop)
	return stop
}

func (k *shop) run(d saga.Definition[state, event, command], o saga.Options) (stop func()) {
	return k.start(func(ctx context.Context) error { return saga.Run(ctx, k.store, d, o) })
}

func (k *shop) timers() (stop func()) {
	return k.start(func(ctx context.Context) error { return timer.Run(ctx, k.store, timer.Options{Clock: k.clock}) })
}

// happen appends an event about an order.
func (k *shop) happen(id string, all ...event) {
	k.Helper()
	for _, e := range all {
		r, err := events.Encode(e)
		if err == nil {
			_, err = k.store.Append(k.ctx, "order-"+id, cairn.Any, r)
		}
		if err != nil {
			k.Fatal(err)
		}
	}
}

// await waits until a condition holds, which events of the log may have changed.
func (k *shop) await(what string, holds func() bool) {
	k.Helper()
	if holds() {
		return
	}
	for _, err := range k.store.ReadAll(k.ctx, cairn.AllOptions{Follow: true}) {
		if err != nil {
			k.Fatalf("waiting until %s: %v", what, err)
		}
		if holds() {
			return
		}
	}
}

// steps waits until an instance has made n steps, and returns it.
func (k *shop) steps(id string, n int) (in saga.Instance) {
	k.Helper()
	k.await(fmt.Sprintf("%s has made %d steps", id, n), func() (ok bool) {
		var err error
		in, err = saga.Get(k.ctx, k.store, "orders", id)
		return err == nil && len(in.Steps) >= n
	})
	return in
}

// sent lists what was appended to a stream, by type.
func (k *shop) sent(stream string) (types string) {
	k.Helper()
	for e, err := range k.store.ReadStream(k.ctx, stream, cairn.ReadOptions{}) {
		if err != nil {
			k.Fatal(err)
		}
		types += " " + e.Type
	}
	return strings.TrimPrefix(types, " ")
}

func (k *shop) same(what string, got, want any) {
	k.Helper()
	if !reflect.DeepEqual(got, want) {
		k.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestToItsEnd(t *testing.T) {
	k := open(t)
	k.run(orders(), k.options())
	k.happen("7", placed{12})
	in := k.steps("7", 1)
	k.same("status", in.Status, saga.Running)
	k.same("timers", in.Timers, []saga.Waiting{{Name: "payment", Due: noon.Add(time.Hour)}})
	k.happen("7", paid{}, packed{})
	in = k.steps("7", 3)
	k.same("status", in.Status, saga.Ended)
	k.same("timers", len(in.Timers), 0)
	k.same("payments", k.sent("payments-7"), "payment.request")
	k.same("stock", k.sent("stock-7"), "stock.pack")
	k.same("shipping", k.sent("shipping-7"), "shipping.ship")
	k.same("history", k.sent("saga-orders-7"), "saga.started saga.stepped saga.ended")
	s, status, err := saga.State(k.ctx, k.store, orders(), "7")
	if err != nil || status != saga.Ended || s != (state{Total: 12, Paid: true}) {
		t.Errorf("the state is %+v, %s, %v", s, status, err)
	}
	pending, err := cairn.Collect(timer.Pending(k.ctx, k.store, "", time.Time{}))
	if err != nil || len(pending) > 0 {
		t.Errorf("%+v are pending, %v", pending, err)
	}
	k.correlated("payments-7", "order-7")
	k.correlated("timer-orders/payment/7", "order-7")
}

// correlated checks that the first event of a stream was caused by that of another.
func (k *shop) correlated(stream, by string) {
	k.Helper()
	read := func(stream string) cairn.Recorded {
		all, err := cairn.Collect(k.store.ReadStream(k.ctx, stream, cairn.ReadOptions{Limit: 1}))
		if err != nil || len(all) != 1 {
			k.Fatal(all, err)
		}
		return all[0]
	}
	var m map[string]string
	if err := json.Unmarshal(read(stream).Metadata, &m); err != nil {
		k.Fatal(err)
	}
	cause := read(by).ID.String()
	k.same("causation", m["$causationId"], cause)
	k.same("correlation", m["$correlationId"], cause)
}

func TestTimeout(t *testing.T) {
	k := open(t)
	k.run(orders(), k.options())
	k.timers()
	k.happen("7", placed{12})
	k.steps("7", 1)
	k.clock.Advance(time.Hour)
	in := k.steps("7", 2)
	k.same("status", in.Status, saga.Compensating)
	k.same("reason", in.Reason, "not paid in time")
	k.same("undone", in.Steps[1].Undone, 1)
	k.happen("7", paid{}, refunded{})
	in = k.steps("7", 4)
	k.same("status", in.Status, saga.Ended)
	k.same("payments", k.sent("payments-7"), "payment.request payment.give-back")
	k.same("history", k.sent("saga-orders-7"), "saga.started saga.compensating saga.stepped saga.ended")
}

// TestUndo: what was registered is sent, the last first.
func TestUndo(t *testing.T) {
	k := open(t)
	k.run(orders(), k.options())
	k.timers()
	k.happen("7", placed{12}, paid{})
	k.steps("7", 2)
	k.clock.Advance(time.Hour)
	in := k.steps("7", 3)
	k.same("reason", in.Reason, "not packed in time")
	k.same("sent", []string{in.Steps[2].Sent[0].Type, in.Steps[2].Sent[1].Type}, []string{"stock.unpack", "payment.give-back"})
}

// TestRace: of an answer and a timeout the one that is first in the log counts, also
// if both are there before the saga has seen any.
func TestRace(t *testing.T) {
	for _, first := range []string{"answer", "timeout"} {
		t.Run(first, func(t *testing.T) {
			k := open(t)
			stop := k.run(orders(), k.options())
			k.happen("7", placed{12})
			k.steps("7", 1)
			stop()
			if first == "answer" {
				k.happen("7", paid{})
			}
			k.timers()
			k.clock.Advance(time.Hour)
			k.await("it is too late", func() bool { return k.sent("sagatimeout-orders-7") != "" })
			if first == "timeout" {
				k.happen("7", paid{})
			}
			o := k.options()
			ignored := make(chan saga.Ignored, 10)
			o.OnIgnored = func(_ *cairn.Recorded, id string, why saga.Ignored) { ignored <- why }
			k.run(orders(), o)
			if first == "answer" {
				k.same("ignored", <-ignored, saga.TimerIsOff)
				k.same("stock", k.sent("stock-7"), "stock.pack")
				return
			}
			k.steps("7", 3)
			k.same("stock", k.sent("stock-7"), "")
			k.same("payments", k.sent("payments-7"), "payment.request payment.give-back")
		})
	}
}

func TestIgnored(t *testing.T) {
	k := open(t)
	o := k.options()
	type note struct {
		id  string
		why saga.Ignored
	}
	ignored := make(chan note, 10)
	o.OnIgnored = func(_ *cairn.Recorded, id string, why saga.Ignored) { ignored <- note{id, why} }
	k.run(orders(), o)
	k.happen("7", paid{})
	k.same("no instance", <-ignored, note{"7", saga.NoInstance})
	k.happen("7", placed{1}, placed{2}, declined{}, paid{})
	k.same("late", <-ignored, note{"7", saga.AfterEnd})
	k.same("a duplicate start", k.sent("payments-7"), "payment.request")
	k.same("history", k.sent("saga-orders-7"), "saga.started saga.stepped saga.ended")
}

// TestAgain: a group that begins anew does nothing again.
func TestAgain(t *testing.T) {
	k := open(t)
	stop := k.run(orders(), k.options())
	k.happen("7", placed{1})
	k.steps("7", 1)
	stop()
	if err := group.Delete(k.ctx, k.store, "saga-orders", true); err != nil {
		t.Fatal(err)
	}
	o := k.options()
	ignored := make(chan saga.Ignored, 10)
	o.OnIgnored = func(_ *cairn.Recorded, _ string, why saga.Ignored) { ignored <- why }
	k.run(orders(), o)
	k.same("ignored", <-ignored, saga.HandledBefore)
	k.same("payments", k.sent("payments-7"), "payment.request")
}

// TestPoison: an instance that cannot be handled is parked, found, looked at and
// replayed. The others go on.
func TestPoison(t *testing.T) {
	k := open(t)
	var mended atomic.Bool
	d := orders()
	d.Decide = func(now saga.Situation[state], e event) (decision, error) {
		if _, ok := e.(paid); ok && now.ID == "bad" && !mended.Load() {
			return decision{}, errPoison
		}
		return decide(now, e)
	}
	k.run(d, k.options())
	k.happen("bad", placed{1}, paid{}, packed{})
	k.happen("worse", placed{-1})
	k.happen("good", placed{1}, paid{}, packed{})
	k.happen("slow", placed{1})
	k.steps("good", 3)
	k.steps("slow", 1)
	stuck := func(olderThan time.Duration) (ids []string) {
		for in, err := range saga.Stuck(k.ctx, k.store, "orders", olderThan) {
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, fmt.Sprintf("%s, %s, %s, %d", in.ID, in.Status, in.Parked, in.ParkedEvents))
		}
		return ids
	}
	k.await("they are parked", func() bool {
		return reflect.DeepEqual(stuck(time.Hour), []string{"bad, running, cannot decide, 2", "worse, not started, cannot decide, 1"})
	})
	k.same("all", len(stuck(-time.Hour)), 3)
	mended.Store(true)
	if err := group.Replay(k.ctx, k.store, "saga-orders", "bad"); err != nil {
		t.Fatal(err)
	}
	k.same("status", k.steps("bad", 3).Status, saga.Ended)
}

// TestUndecodable: an event that cannot be read is parked with its reason, and so is
// an instance whose history cannot be.
func TestUndecodable(t *testing.T) {
	k := open(t)
	k.run(orders(), k.options())
	k.happen("7", placed{1})
	k.steps("7", 1)
	garbage := func(stream, kind, data string) {
		t.Helper()
		if _, err := k.store.Append(k.ctx, stream, cairn.Any, cairn.Event{Type: kind, Data: []byte(data)}); err != nil {
			t.Fatal(err)
		}
	}
	garbage("order-8", "order.paid", "{")
	garbage("saga-orders-7", "saga.stepped", `{"instance":"7"}`)
	k.happen("7", paid{})
	k.happen(strings.Repeat("x", 300), placed{1})
	var parked map[string]string
	k.await("they are parked", func() bool {
		keys, err := group.Parked(k.ctx, k.store, "saga-orders")
		parked = map[string]string{}
		for _, p := range keys {
			parked[p.Key] = p.Error
		}
		return err == nil && len(parked) == 3
	})
	k.happen("9", placed{1})
	k.steps("9", 1)
	for key, says := range map[string]string{"order-8": "undecodable", "7": `event 1 of stream "saga-orders-7"`, strings.Repeat("x", 300): "longer than 256 bytes"} {
		if !strings.Contains(parked[key], says) {
			t.Errorf("%s is parked because %q", key, parked[key])
		}
	}
	if _, err := saga.Get(k.ctx, k.store, "orders", "7"); !isHistory(err) {
		t.Errorf("got %v", err)
	}
	if _, _, err := saga.State(k.ctx, k.store, orders(), "7"); !isHistory(err) {
		t.Errorf("got %v", err)
	}
}

func isHistory(err error) bool {
	h, ok := errors.AsType[*saga.HistoryError](err)
	return ok && h.Revision == 1 && h.Position > 0
}

// TestList: the census makes no difference to what is listed, and is made.
func TestList(t *testing.T) {
	k := open(t)
	o := k.options()
	o.CensusEvery, o.CensusAfter = time.Millisecond, 5
	stop := k.run(orders(), o)
	list := func() (ids []string) {
		for in, err := range saga.List(k.ctx, k.store, "orders") {
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, in.ID)
		}
		return ids
	}
	var want []string
	for i := range 60 {
		id := fmt.Sprint(i)
		k.happen(id, placed{i})
		if i%10 > 0 {
			k.happen(id, declined{})
			k.steps(id, 2)
		} else {
			want = append(want, id)
			k.steps(id, 1)
		}
	}
	k.await("there is a census", func() bool { return k.sent("sagarunning-orders") != "" })
	k.same("running", list(), want)
	stop()
	k.same("running", list(), want)
	for _, data := range []string{`{"store":"018f0000-0000-7000-8000-000000000000","ids":["x"]}`, "{"} {
		if _, err := k.store.Append(k.ctx, "sagarunning-orders", cairn.Any, cairn.Event{Type: "saga.census", Data: []byte(data)}); err != nil {
			t.Fatal(err)
		}
		k.same("with a census of another store", list(), want)
	}
}

func TestBadInput(t *testing.T) {
	k := open(t)
	for field, spoil := range map[string]func(*saga.Definition[state, event, command]){
		"name":      func(d *saga.Definition[state, event, command]) { d.Name = "a-b" },
		"events":    func(d *saga.Definition[state, event, command]) { d.Events = nil },
		"commands":  func(d *saga.Definition[state, event, command]) { d.Commands = nil },
		"correlate": func(d *saga.Definition[state, event, command]) { d.Correlate = nil },
		"starts":    func(d *saga.Definition[state, event, command]) { d.Starts = nil },
		"evolve":    func(d *saga.Definition[state, event, command]) { d.Evolve = nil },
		"decide":    func(d *saga.Definition[state, event, command]) { d.Decide = nil },
	} {
		d := orders()
		spoil(&d)
		err := saga.Run(k.ctx, k.store, d, saga.Options{})
		if e, ok := errors.AsType[*cairn.InvalidError](err); !ok || e.Field != field {
			t.Errorf("got %v, want an error about %s", err, field)
		}
	}
	for _, o := range []saga.Options{{Group: group.Options{Query: cairn.ByType("a")}}, {CensusEvery: -1}, {Group: group.Options{Workers: -1}}} {
		if err := saga.Run(k.ctx, k.store, orders(), o); !errors.Is(err, cairn.ErrInvalid) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err := saga.Get(k.ctx, k.store, "orders", "7"); !errors.Is(err, saga.ErrUnknown) {
		t.Errorf("an unknown instance: %v", err)
	}
	if _, err := saga.Get(k.ctx, k.store, "", "7"); !errors.Is(err, cairn.ErrInvalid) {
		t.Errorf("an empty name: %v", err)
	}
	if _, err := cairn.Collect(saga.List(k.ctx, k.store, strings.Repeat("x", 65))); !errors.Is(err, cairn.ErrInvalid) {
		t.Errorf("a long name: %v", err)
	}
}

// TestBadDecisions: a decision that makes no sense parks the instance at once.
func TestBadDecisions(t *testing.T) {
	for says, bad := range map[string]decision{
		"must not be the history":        {Send: saga.To[command]("saga-orders-7", ship{})},
		"send.stream: must not be empty": {Send: saga.To[command]("", ship{})},
		"unknown event type":             {Send: saga.To[command]("s", nil)},
		"its name must not be empty":     {After: []delay{{After: 1, Event: paymentOverdue{}}}},
		`must not contain "/"`:           {After: []delay{{Name: "a/b", Event: paymentOverdue{}}}},
		"invalid due":                    {After: []delay{{Name: "a", At: noon.AddDate(500, 0, 0), Event: paymentOverdue{}}}},
	} {
		k := open(t)
		d, tried := orders(), atomic.Int64{}
		d.Decide = func(saga.Situation[state], event) (decision, error) {
			tried.Add(1)
			return bad, nil
		}
		k.run(d, k.options())
		k.happen("7", placed{1})
		var in saga.Instance
		k.await("it is parked", func() bool {
			var err error
			in, err = saga.Get(k.ctx, k.store, "orders", "7")
			return err == nil && in.Parked != ""
		})
		if !strings.Contains(in.Parked, says) || tried.Load() != 1 {
			t.Errorf("parked after %d attempts because %s, want %s", tried.Load(), in.Parked, says)
		}
	}
}

func FuzzHistory(f *testing.F) {
	f.Add([]byte(`{"instance":"7","cause":{"event":{"stream":"s","type":"order.placed","data":{"Total":1}}},"sent":[{}],"timers":[{}],"undo":[{}],"ended":true}`))
	f.Add([]byte(`{"instance":"7","cause":{"event":{"type":"order.placed","data":7}}}`))
	f.Add([]byte("\xff"))
	k := open(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		id := cairn.NewID().String()
		if _, err := k.store.Append(t.Context(), "saga-orders-"+id, cairn.NoStream, cairn.Event{Type: saga.TypeStarted, Data: data, Tags: []string{"saga:orders"}}); err != nil {
			t.Skip(err)
		}
		_, err := saga.Get(t.Context(), k.store, "orders", id)
		if _, ok := errors.AsType[*saga.HistoryError](err); err != nil && !ok {
			t.Errorf("%q: %v", data, err)
		}
		if _, _, err := saga.State(t.Context(), k.store, orders(), id); err != nil {
			if _, ok := errors.AsType[*saga.HistoryError](err); !ok {
				t.Errorf("%q: %v", data, err)
			}
		}
	})
}

// The group of a saga says what it is, besides what was said of it.
func TestAbout(t *testing.T) {
	k := open(t)
	o := k.options()
	o.Group.About = component.About{Service: "shop", Writes: []string{"payment"}}
	stop := k.run(orders(), o)
	k.happen("1", placed{7})
	k.steps("1", 1)
	stop()
	s, err := group.Status(k.ctx, k.store, "saga-orders")
	want := component.About{Kind: "saga", Service: "shop", Types: orders().Commands.Names(), Writes: []string{"payment"}}
	if err != nil || !s.About.Equal(want) {
		t.Errorf("it is described as %+v, %v", s.About, err)
	}
}
