package metrics_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/inbox"
	"github.com/cairndb/cairn/metrics"
	"github.com/cairndb/cairn/saga"
	"github.com/cairndb/cairn/storetest"
	"github.com/cairndb/cairn/timer"
)

// values are metrics by name and the values of their labels; of a histogram, how
// often.
func values(t *testing.T, from prometheus.Gatherer) map[string]float64 {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, f := range families {
		for _, m := range f.Metric {
			name := f.GetName()
			for _, l := range m.Label {
				name += " " + l.GetValue()
			}
			all[name] = m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return all
}

func want(t *testing.T, got map[string]float64, name string, n float64) {
	t.Helper()
	if v, ok := got[name]; !ok || v != n {
		t.Errorf("%s = %v (there: %v), want %v", name, v, ok, n)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func put(t *testing.T, store cairn.Store, streams ...string) {
	t.Helper()
	for _, s := range streams {
		if _, err := store.Append(t.Context(), s, cairn.Any, cairn.Event{Type: "happened"}); err != nil {
			t.Fatal(err)
		}
	}
}

// member runs a member for which the stream "bad" always fails.
func member(t *testing.T, store cairn.Store, name string, o group.Options) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	o.Attempts, o.Backoff = 2, func(int) time.Duration { return time.Second }
	go func() {
		done <- group.Run(ctx, store, name, o, func(_ context.Context, e cairn.Recorded) error {
			if e.Stream == "bad" {
				return errors.New("bad")
			}
			return nil
		})
	}()
	return func() { cancel(); <-done }
}

func TestAGroupIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := storetest.NewReference()
		defer store.Close()
		reg := prometheus.NewPedanticRegistry()
		m := must(metrics.NewGroup(reg, "mailer"))
		var told [3]int
		o := group.Options{
			OnSettled: func(*cairn.Recorded, int) { told[0]++ },
			OnRetry:   func(*cairn.Recorded, int, time.Duration, error) { told[1]++ },
			OnParked:  func(*cairn.Recorded, int, error) { told[2]++ },
			Workers:   1,
		}
		reg.MustRegister(metrics.NewGroups(store, "mailer", "nobody's"))
		put(t, store, "a", "bad", "b", "bad")
		stop := member(t, store, "mailer", m.Measure(o))
		time.Sleep(time.Minute)
		got := values(t, reg)
		want(t, got, "cairn_group_events_settled_total mailer", 2)
		want(t, got, "cairn_group_retries_total mailer", 1)
		want(t, got, "cairn_group_failures_total mailer", 1)
		want(t, got, "cairn_group_members mailer", 1)
		want(t, got, "cairn_group_members_full mailer", 0)
		want(t, got, "cairn_group_parked_keys mailer", 1)
		want(t, got, "cairn_group_parked_events mailer", 2)
		want(t, got, "cairn_group_lag_events mailer", 0)
		want(t, got, "cairn_group_lag_seconds mailer", 0)
		if _, there := got["cairn_group_members nobody's"]; there {
			t.Errorf("got %v", got)
		}
		stop()
		time.Sleep(time.Minute)
		put(t, store, "a")
		time.Sleep(time.Minute)
		want(t, values(t, reg), "cairn_group_lag_seconds mailer", 60)
		if at := values(t, reg)["cairn_group_position mailer"]; at < 4 {
			t.Errorf("it has left at %v", at)
		}
		if told != [3]int{2, 1, 1} {
			t.Errorf("the hooks behind were told %v", told)
		}
	})
}

// Two members of a group in one process count into the same metrics, and other
// groups beside them. What has no hooks of its own needs none.
func TestMembersCountTogether(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	for _, name := range []string{"a", "a", "b"} {
		o := must(metrics.NewGroup(reg, name)).Measure(group.Options{})
		o.OnSettled(&cairn.Recorded{}, 1)
		o.OnRetry(&cairn.Recorded{}, 1, 0, nil)
		o.OnParked(&cairn.Recorded{}, 1, nil)
	}
	got := values(t, reg)
	for _, name := range []string{"events_settled", "retries", "failures"} {
		want(t, got, "cairn_group_"+name+"_total a", 2)
		want(t, got, "cairn_group_"+name+"_total b", 1)
	}
}

func TestNamesThatAreRefused(t *testing.T) {
	for _, name := range []string{"", "\xff"} {
		_, err := metrics.NewGroup(prometheus.NewRegistry(), name)
		if e, ok := errors.AsType[*cairn.InvalidError](err); !ok || e.Field != "name" {
			t.Errorf("%q: %v", name, err)
		}
	}
	reg := prometheus.NewRegistry()
	reg.MustRegister(prometheus.NewCounter(prometheus.CounterOpts{Name: "cairn_group_retries_total", Help: "Another one."}))
	if _, err := metrics.NewRelay(reg, "a"); err == nil {
		t.Error("a name that is taken is taken again")
	}
}

// everything is a registry with one of each, after each hook was called once.
func everything(t *testing.T) *prometheus.Registry {
	reg := prometheus.NewPedanticRegistry()
	e, boom := &cairn.Recorded{}, errors.New("boom")
	r := must(metrics.NewRelay(reg, "shop")).Measure(broker.RelayOptions{})
	r.OnPublished(e, nil, time.Second)
	r.OnSkipped(e, broker.ErrUnmapped)
	r.OnSkipped(e, nil)
	r.OnFailed(e, 1, false, boom)
	r.OnFailed(e, 2, true, boom)
	r.OnHeld(1, time.Second, boom)
	r.OnHeld(2, time.Second, boom)
	r.Group.OnSettled(e, 1)
	i := must(metrics.NewInbox(reg, "orders")).Measure(inbox.Hooks{})
	i.OnHandled(inbox.Arrival{})
	i.OnDuplicate(inbox.Arrival{})
	i.OnMismatch(nil)
	i.OnLate(nil)
	tm := must(metrics.NewTimers(reg, "timer")).Measure(timer.Options{})
	tm.OnFired("k", time.Minute)
	tm.OnLost("k")
	tm.OnFailed("k", boom)
	s := must(metrics.NewSaga(reg, "payment")).Measure(saga.Options{})
	s.OnIgnored(e, "1", saga.AfterEnd)
	s.Group.OnSettled(e, 1)
	return reg
}

func TestWhatElseReacts(t *testing.T) {
	got := values(t, everything(t))
	for name, n := range map[string]float64{
		"cairn_relay_publish_duration_seconds shop": 1, "cairn_relay_events_skipped_total unmapped shop": 1, "cairn_relay_events_skipped_total nothing shop": 1,
		"cairn_relay_failures_total retried shop": 1, "cairn_relay_failures_total parked shop": 1, "cairn_relay_outages_total shop": 1, "cairn_relay_held shop": 1,
		"cairn_group_events_settled_total shop":      1,
		"cairn_inbox_arrivals_total orders handled":  1,
		"cairn_inbox_arrivals_total orders late":     1,
		"cairn_inbox_arrivals_total orders mismatch": 1, "cairn_inbox_arrivals_total orders duplicate": 1,
		"cairn_timer_lateness_seconds timer": 1, "cairn_timer_lost_total timer": 1, "cairn_timer_failures_total timer": 1,
		"cairn_saga_events_ignored_total the instance has ended payment": 1, "cairn_group_events_settled_total payment": 1,
	} {
		want(t, got, name, n)
	}
}

// The hooks that are there are told too.
func TestHooksBehindAreTold(t *testing.T) {
	reg, n := prometheus.NewPedanticRegistry(), 0
	hit := func() { n++ }
	r := must(metrics.NewRelay(reg, "r")).Measure(broker.RelayOptions{
		OnPublished: func(*cairn.Recorded, *broker.Message, time.Duration) { hit() }, OnSkipped: func(*cairn.Recorded, error) { hit() },
		OnFailed: func(*cairn.Recorded, int, bool, error) { hit() }, OnHeld: func(int, time.Duration, error) { hit() }, OnResumed: func(time.Duration) { hit() },
	})
	r.OnPublished(nil, nil, 0)
	r.OnSkipped(nil, nil)
	r.OnFailed(nil, 1, false, nil)
	r.OnHeld(1, 0, nil)
	r.OnResumed(0)
	i := must(metrics.NewInbox(reg, "i")).Measure(inbox.Hooks{OnHandled: func(inbox.Arrival) { hit() }, OnLate: func(*inbox.LateError) { hit() }})
	i.OnHandled(inbox.Arrival{})
	i.OnLate(nil)
	tm := must(metrics.NewTimers(reg, "t")).Measure(timer.Options{OnFired: func(string, time.Duration) { hit() }, OnLost: func(string) { hit() }, OnFailed: func(string, error) { hit() }})
	tm.OnFired("", 0)
	tm.OnLost("")
	tm.OnFailed("", nil)
	s := must(metrics.NewSaga(reg, "s")).Measure(saga.Options{OnIgnored: func(*cairn.Recorded, string, saga.Ignored) { hit() }})
	s.OnIgnored(nil, "", saga.NoInstance)
	if n != 11 {
		t.Errorf("told %d times", n)
	}
	want(t, values(t, reg), "cairn_relay_held r", 0)
}

func TestNamesAreGood(t *testing.T) {
	reg := everything(t)
	reg.MustRegister(metrics.NewGroups(storetest.NewReference()))
	problems, err := testutil.GatherAndLint(reg)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}
