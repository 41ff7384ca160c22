package metrics_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/metrics"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
	"github.com/cairndb/cairn/storetest"
)

func TestProjections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &counted{Store: storetest.NewReference()}
		defer store.Close()
		put(t, store, "a", "bad", "a", "worse")
		reg := prometheus.NewPedanticRegistry()
		models := metrics.NewProjections(nil)
		reg.MustRegister(models)
		if got := values(t, reg); len(got) != 0 {
			t.Errorf("without a store: %v", got)
		}
		models.Watch(store)
		want(t, values(t, reg), "cairn_projections", 0)
		m := must(metrics.NewProjection(reg, "rows"))
		must(metrics.NewProjection(reg, "rows")) // of another runner
		told := 0
		o := m.Measure(projection.Options{
			Attempts: 2, OnApplied: func(cairn.Position, int, time.Duration) { told++ }, OnParked: func(*cairn.Recorded, string, int, error) { told++ },
			OnSkipped: func(*cairn.Recorded, int, error) { told++ }, OnRetry: func(*cairn.Recorded, int, time.Duration, error) { told++ },
		})
		target := memtarget.New()
		runRows(t, store, target, o)
		time.Sleep(metricsAge)
		got := values(t, reg)
		for name, n := range map[string]float64{
			"cairn_projections": 1, "cairn_projection_build_active 1 rows": 1, "cairn_projection_build_phase 1 active rows": 1,
			"cairn_projection_lag_events 1 rows": 0, "cairn_projection_events_passed 1 rows": 4, "cairn_projection_parked_keys 1 rows": 1,
			"cairn_projection_parked_events 1 rows": 1, "cairn_projection_skipped_events 1 rows": 1, "cairn_projection_build_failed 1 rows": 0,
			"cairn_projection_events_applied_total rows": 2, "cairn_projection_retries_total rows": 1, "cairn_projection_events_parked_total rows": 1,
			"cairn_projection_events_skipped_total rows": 1, "cairn_projection_stops_total rows": 0, "cairn_projection_target_down rows": 0,
		} {
			want(t, got, name, n)
		}
		if told == 0 {
			t.Error("the hooks that were there are not called")
		}
		report := must(projection.Audit(t.Context(), store, target, "rows", projection.AuditOptions{}))
		m.Audited(&report)
		want(t, values(t, reg), "cairn_projection_audit_ok 1 rows", 1)
		report.Lanes[0].Verdict = projection.Lost
		m.Audited(&report)
		want(t, values(t, reg), "cairn_projection_audit_ok 1 rows", 0)
		want(t, got, "cairn_projection_lag_seconds 1 rows", 0)
		behind := must(projection.ReportedOf(t.Context(), store, "rows"))
		behind.Builds[0].Lag, behind.Builds[0].Oldest = 1, time.Now().Add(metricsAge-time.Minute)
		must(store.Append(t.Context(), projection.ReportStream("rows"), cairn.Any, cairn.Event{Type: "$projection-status", Data: must(json.Marshal(behind))}))
		time.Sleep(metricsAge)
		want(t, values(t, reg), "cairn_projection_lag_seconds 1 rows", 60)
		store.fail.Store(true)
		time.Sleep(metricsAge)
		got = values(t, reg)
		want(t, got, "cairn_projection_sample_failures_total", 1)
		want(t, got, "cairn_projection_events_passed 1 rows", 4)
	})
}

const metricsAge = 10 * time.Second

// runRows runs a projection for a minute for which two streams fail.
func runRows(t *testing.T, store cairn.Store, target *memtarget.Target, o projection.Options) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p := projection.Projection[*memtarget.Tx]{
		Name: "rows", Tables: []string{"row"}, Failures: projection.ParkOnFailure,
		Handler: projection.OnEvent(func(_ context.Context, tx *memtarget.Tx, e *projection.Event) error {
			switch e.Stream {
			case "bad":
				return errors.New("broken")
			case "worse":
				return projection.Skip(errors.New("useless"))
			}
			tx.Set(e.Name("row"), e.Stream, true)
			return nil
		}, "happened"),
	}
	if err := projection.Run(ctx, store, target, p, &o); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
}

func TestProjectionHooks(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	m := must(metrics.NewProjection(reg, "rows"))
	calls := 0
	o := m.Measure(projection.Options{
		OnDown: func(error, time.Duration) { calls++ }, OnUp: func(time.Duration) { calls++ }, OnStopped: func(*projection.FailureError) { calls++ },
	})
	o.OnStopped(&projection.FailureError{})
	o.OnDown(errors.New("down"), time.Second)
	want(t, values(t, reg), "cairn_projection_target_down rows", 1)
	o.OnUp(time.Second)
	got := values(t, reg)
	want(t, got, "cairn_projection_target_down rows", 0)
	want(t, got, "cairn_projection_stops_total rows", 1)
	if calls != 3 {
		t.Errorf("%d calls", calls)
	}
	if _, err := metrics.NewProjection(reg, "\xff"); !errors.Is(err, cairn.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}
