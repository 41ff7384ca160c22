package selfbench

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/cairndb/cairn/storetest"
)

func TestMeasure(t *testing.T) {
	var names []string
	o := Options{Writers: []int{1, 3}, Duration: 20 * time.Millisecond}
	o.Starting = func(name string) { names = append(names, name) }
	o.Finished = func(r Result) {
		if r.Work != names[len(names)-1] || r.Took <= 0 || r.P50 > r.P99 || r.Of == "" {
			t.Errorf("implausible: %+v", r)
		}
		if r.Events == 0 && r.Work != "read 1 in 10,000 by type" {
			t.Errorf("%s: nothing was done", r.Work)
		}
	}
	if err := measure(t.Context(), storetest.NewReference(), o); err != nil {
		t.Fatal(err)
	}
	if len(names) != 6 {
		t.Fatalf("measured %q", names)
	}
}

func TestMeasureEndsWithContext(t *testing.T) {
	stop := errors.New("stop")
	for _, at := range works([]int{2}) {
		t.Run(at.name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			s := storetest.NewReference()
			if _, err := appendWith(1, 1)(ctx, s, time.Millisecond); err != nil {
				t.Fatal(err)
			}
			defer time.AfterFunc(time.Millisecond, func() { cancel(stop) }).Stop()
			if _, err := at.run(ctx, s, time.Hour); !errors.Is(err, stop) {
				t.Fatalf("got %v, want the cause", err)
			}
		})
	}
}

func TestQuantile(t *testing.T) {
	var h histogram
	if h.quantile(0.5) != 0 {
		t.Fatal("of nothing there is a median")
	}
	for n := 1; n <= 1000; n++ {
		h.add(time.Duration(n) * time.Microsecond)
	}
	for q, want := range map[float64]time.Duration{0: 1000, 0.5: 501_000, 0.99: 991_000} {
		if got := h.quantile(q); got > want || got < want-want/32-1 {
			t.Errorf("quantile %v = %v, want %v or up to 1/32 less", q, got, want)
		}
	}
}

func TestBucketsHoldTheirBounds(t *testing.T) {
	for _, d := range []time.Duration{0, 1, 31, 32, 33, 63, 64, 1000, 123_456_789, 1<<62 + 1} {
		i := bucket(d)
		if lower(i) > d || i+1 < len(histogram{}.buckets) && lower(i+1) > 0 && lower(i+1) <= d {
			t.Errorf("%d is in bucket %d, which is from %d to %d", d, i, lower(i), lower(i+1))
		}
	}
}
