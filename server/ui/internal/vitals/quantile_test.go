package vitals

import (
	"math"
	"math/rand/v2"
	"testing"

	dto "github.com/prometheus/client_model/go"
)

func some(bounds []float64, total uint64, counts ...uint64) buckets {
	return buckets{bounds, counts, total}
}

func TestQuantile(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	two := []float64{1, 2}
	for _, c := range []struct {
		name string
		b    buckets
		q    float64
		want float64
	}{
		{"middle of the first", some(two, 10, 10, 10), .5, .5},
		{"all of the first", some(two, 10, 10, 10), 1, 1},
		{"middle of the second", some(two, 10, 0, 10), .5, 1.5},
		{"in the second", some(two, 100, 50, 100), .99, 1.98},
		{"the least", some(two, 10, 0, 10), 0, 1},
		{"one alone", some(two, 1, 0, 1), .5, 1.5},
		{"above all bounds", some(two, 10, 0, 0), .5, 2},
		{"above all, said aloud", some([]float64{1, inf}, 10, 0, 10), .5, 1},
		{"nothing observed", some(two, 0, 0, 0), .5, nan},
		{"no bounds", some(nil, 5), .5, nan},
		{"nothing but infinity", some([]float64{inf}, 5, 5), .5, nan},
		{"a bound that is no number", some([]float64{1, nan}, 5, 1, 5), .5, nan},
		{"bounds that descend", some([]float64{2, 1}, 5, 1, 5), .5, nan},
		{"counts that descend", some(two, 5, 4, 3), .5, nan},
		{"more than all", some(two, 5, 4, 9), .5, nan},
		{"share below 0", some(two, 10, 10, 10), -1, nan},
		{"share above 1", some(two, 10, 10, 10), 1.1, nan},
		{"share that is no number", some(two, 10, 10, 10), nan, nan},
	} {
		if got := c.b.quantile(c.q); math.Abs(got-c.want) > 1e-9 || math.IsNaN(got) != math.IsNaN(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestQuantileIsWithin: of any sound buckets it lies between the bounds around
// the observation, and does not descend with q.
func TestQuantileIsWithin(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		b := buckets{bounds: []float64{.1, .2, .4, .8}, counts: make([]uint64, 4)}
		for i := range b.counts {
			b.total += r.Uint64N(5)
			b.counts[i] = b.total
		}
		b.total += r.Uint64N(3)
		last := 0.0
		for _, q := range []float64{0, .25, .5, .99, 1} {
			got := b.quantile(q)
			if b.total == 0 {
				if !math.IsNaN(got) {
					t.Fatalf("%+v: %v of nothing", b, got)
				}
				continue
			}
			if !(got >= last && got <= .8) {
				t.Fatalf("%+v: %v at %v, after %v", b, got, q, last)
			}
			last = got
		}
	}
}

func TestSinceBuckets(t *testing.T) {
	two := []float64{1, 2}
	for _, c := range []struct {
		name          string
		before, after buckets
		ok            bool
	}{
		{"grown", some(two, 3, 1, 3), some(two, 5, 2, 5), true},
		{"the same", some(two, 3, 1, 3), some(two, 3, 1, 3), true},
		{"begun anew", some(two, 3, 1, 3), some(two, 1, 1, 1), false},
		{"one bucket less", some(two, 3, 2, 3), some(two, 5, 1, 5), false},
		{"other bounds", some([]float64{1, 3}, 3, 1, 3), some(two, 5, 2, 5), false},
		{"nothing before", buckets{}, some(two, 5, 2, 5), false},
		{"nothing after", some(two, 5, 2, 5), buckets{}, false},
		{"fewer counts than bounds", some(two, 3, 1), some(two, 5, 2, 5), false},
	} {
		if d, ok := c.after.since(c.before); ok != c.ok || ok && d.total != c.after.total-c.before.total {
			t.Errorf("%s: %+v, %v", c.name, d, ok)
		}
	}
}

// TestSeriesAreAdded: the operations of writes are one histogram; one with other
// bounds is left out, and what is no histogram counts nothing.
func TestSeriesAreAdded(t *testing.T) {
	series := func(total uint64, bound float64, n uint64) *dto.Metric {
		return &dto.Metric{Histogram: &dto.Histogram{SampleCount: &total, Bucket: []*dto.Bucket{{UpperBound: &bound, CumulativeCount: &n}}}}
	}
	b := bucketsOf(&dto.MetricFamily{Metric: []*dto.Metric{series(3, 1, 2), series(4, 1, 4), series(9, 2, 9), {}}})
	if b.total != 7 || len(b.counts) != 1 || b.counts[0] != 6 {
		t.Errorf("%+v", b)
	}
	if b := bucketsOf(&dto.MetricFamily{Metric: []*dto.Metric{{}}}); b.total != 0 {
		t.Errorf("of nothing: %+v", b)
	}
}
