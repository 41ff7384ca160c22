package vitals_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/telemetry"
	"github.com/cairndb/cairn/server/ui/internal/vitals"
)

// A log is a head that a test moves.
type log struct {
	head   atomic.Uint64
	broken atomic.Bool
}

func (l *log) Info(context.Context) (cairn.Info, error) {
	if l.broken.Load() {
		return cairn.Info{}, errors.New("broken")
	}
	return cairn.Info{Head: cairn.Position(l.head.Load())}, nil
}

// record runs a recorder within a bubble, until the test ends.
func record(t *testing.T, store vitals.Source, g prometheus.Gatherer) *vitals.Recorder {
	t.Helper()
	r := vitals.New(store, g)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.Run(ctx)
	}()
	t.Cleanup(func() { stop(); <-done })
	synctest.Wait()
	return r
}

// second lets one pass, and what happens in it be recorded.
func second() {
	time.Sleep(time.Second)
	synctest.Wait()
}

func is(t *testing.T, s vitals.Sample, f vitals.Figure, want float64) {
	t.Helper()
	if got := s.Of[f]; math.Abs(got-want) > 1e-9 || math.IsNaN(got) != math.IsNaN(want) {
		t.Errorf("%v is %v, want %v", f, got, want)
	}
}

func TestRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, store := telemetry.New(telemetry.Options{}), &log{}
		r := record(t, store, in.Registry())
		second()
		s := r.Latest()
		is(t, s, vitals.Written, 0)
		is(t, s, vitals.Syncs, 0)
		is(t, s, vitals.Median, math.NaN())
		store.head.Store(500)
		in.Commit(3, 500, 4096, 2*time.Millisecond, nil)
		in.Connection("grpc")
		in.Connection("http")
		second()
		s = r.Latest()
		is(t, s, vitals.Head, 500)
		is(t, s, vitals.Written, 500)
		is(t, s, vitals.Syncs, 1)
		is(t, s, vitals.Connections, 2)
		is(t, s, vitals.Errors, 0)
		second()
		is(t, r.Latest(), vitals.Written, 0)
	})
}

func TestWithoutMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &log{}
		r := record(t, store, nil)
		is(t, r.Latest(), vitals.Head, math.NaN())
		store.head.Store(7)
		second()
		is(t, r.Latest(), vitals.Written, 7)
		is(t, r.Latest(), vitals.Memory, math.NaN())
	})
}

// TestBrokenStore: what cannot be had is a gap, and afterwards it goes on.
func TestBrokenStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &log{}
		r := record(t, store, nil)
		store.broken.Store(true)
		second()
		is(t, r.Latest(), vitals.Written, math.NaN())
		store.broken.Store(false)
		store.head.Store(9)
		second()
		is(t, r.Latest(), vitals.Written, math.NaN()) // nobody knows since when
		store.head.Store(10)
		second()
		is(t, r.Latest(), vitals.Written, 1)
		store.head.Store(3) // another store is in its place
		second()
		is(t, r.Latest(), vitals.Written, math.NaN())
	})
}

func TestRingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := record(t, &log{}, nil)
		began := time.Now()
		time.Sleep(2*vitals.Kept*time.Second + 500*time.Millisecond)
		synctest.Wait()
		all, _ := r.Since(time.Time{})
		if len(all) != vitals.Kept {
			t.Fatalf("%d samples are kept, want %d", len(all), vitals.Kept)
		}
		for i := range all {
			if want := began.Add(time.Duration(vitals.Kept+1+i) * time.Second); !all[i].At.Equal(want) {
				t.Fatalf("sample %d is of %v, want %v", i, all[i].At.Sub(began), want.Sub(began))
			}
		}
		last, _ := r.Since(all[vitals.Kept-2].At)
		if len(last) != 1 || !last[0].At.Equal(r.Latest().At) {
			t.Errorf("after the last but one there are %d", len(last))
		}
		if none, _ := r.Since(time.Now().Add(time.Hour)); len(none) != 0 {
			t.Errorf("the future has %d samples", len(none))
		}
	})
}

func TestFollowersAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := record(t, &log{}, nil)
		began := time.Now()
		_, more := r.Since(began)
		<-more
		if got := time.Since(began); got != time.Second {
			t.Errorf("told after %v", got)
		}
		if s, _ := r.Since(began); len(s) != 1 {
			t.Errorf("%d samples", len(s))
		}
	})
}

// A slow gatherer takes its time.
type slow struct{ takes time.Duration }

func (s slow) Gather() ([]*dto.MetricFamily, error) {
	time.Sleep(s.takes)
	return nil, errors.New("slow and broken")
}

// TestCostIsBounded: the longer looking takes, the longer it waits.
func TestCostIsBounded(t *testing.T) {
	for takes, want := range map[time.Duration]time.Duration{
		time.Millisecond: time.Second, 10 * time.Millisecond: 2 * time.Second, time.Second: 5 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			r := record(t, &log{}, slow{takes})
			time.Sleep(time.Minute)
			synctest.Wait()
			all, _ := r.Since(time.Time{})
			if got := all[1].At.Sub(all[0].At); got != want+takes {
				t.Errorf("looking takes %v, and samples are %v apart, want %v", takes, got, want+takes)
			}
		})
	}
}

func TestHeadAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &log{}
		r := record(t, store, nil)
		if p, at := r.HeadAt(time.Now()); p != 0 || !at.IsZero() {
			t.Errorf("of nothing: %v, %v", p, at)
		}
		began := time.Now()
		for i := range 10 {
			store.head.Store(uint64(i+1) * 10)
			second()
		}
		for since, want := range map[time.Duration]cairn.Position{
			0: 10, time.Second: 10, 1500 * time.Millisecond: 10, 2 * time.Second: 20, 9 * time.Second: 90, time.Hour: 0,
		} {
			if p, _ := r.HeadAt(began.Add(since)); p != want {
				t.Errorf("after %v: %v, want %v", since, p, want)
			}
		}
	})
}

func TestColumns(t *testing.T) {
	var s vitals.Sample
	s.At = time.UnixMilli(1234)
	for f, v := range []float64{5, 1.0 / 3, math.NaN(), math.Inf(1), 123456.789, math.MaxFloat64, math.SmallestNonzeroFloat64, -0.5} {
		s.Of[f] = v
	}
	b, err := json.Marshal(vitals.Columns{s})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"at":[1234]`, `"head":[5]`, `"written":[0.3333]`, `"written_bytes":[null]`, `"writes":[null]`, `"syncs":[123500]`, `"median":[-0.5]`,
	} {
		if !strings.Contains(string(b), want) {
			t.Errorf("%s is not in %s", want, b)
		}
	}
	if b, err = json.Marshal(vitals.Columns(nil)); err != nil || !strings.Contains(string(b), `"at":[]`) {
		t.Errorf("no samples: %s, %v", b, err)
	}
	if got := vitals.Figure(99).String(); got != "unknown" {
		t.Errorf("a figure that is none is %q", got)
	}
}
