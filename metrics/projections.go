package metrics

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cairndb/cairn/projection"
)

// Projections is a collector of how far projections are, as their runners have
// reported it to their store. It looks when it is asked, at most every five
// seconds. Of more than a thousand projections the first by name are shown.
type Projections struct {
	total, failures, reported              *prometheus.Desc
	active, lag, behind, position, rate    *prometheus.Desc
	applied, keys, parked, skipped, failed *prometheus.Desc
	phase                                  *prometheus.Desc

	mu       sync.Mutex
	store    projection.ReportStore
	sampled  time.Time
	missed   int
	statuses []projection.Status
}

// NewProjections makes a collector for all projections that have reported to a store.
func NewProjections(store projection.ReportStore) *Projections {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("cairn_"+name, help, labels, nil)
	}
	of := func(name, help string) *prometheus.Desc { return desc(name, help, "projection", "build") }
	return &Projections{
		store:    store,
		total:    desc("projections", "Projections whose runners have reported."),
		failures: desc("projection_sample_failures_total", "Looks at projections that failed."),
		reported: desc("projection_reported_timestamp_seconds", "When the projection was last reported. Nothing is while nothing happens.", "projection"),
		active:   of("projection_build_active", "1 for the build that readers see."),
		lag:      of("projection_lag_events", "Events that are still to be applied, at most."),
		behind:   of("projection_lag_seconds", "How long the oldest event that is still to be applied has been waiting; 0 if there is none."),
		position: of("projection_position", "Position up to which everything was applied, parked or skipped."),
		rate:     of("projection_events_per_second", "Events passed in a second, over half a minute."),
		applied:  of("projection_events_passed", "Events that were applied, parked or skipped."),
		keys:     of("projection_parked_keys", "Keys of which events are parked."),
		parked:   of("projection_parked_events", "Events that were parked, ever."),
		skipped:  of("projection_skipped_events", "Events that were skipped."),
		failed:   of("projection_build_failed", "1 for a build that does not move, because of an event or of its database."),
		phase:    desc("projection_build_phase", "1 for the phase in which a build is.", "projection", "build", "phase"),
	}
}

// Watch makes the collector look at another store. Of none it shows nothing.
func (p *Projections) Watch(store projection.ReportStore) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.store, p.sampled, p.statuses = store, time.Time{}, nil
}

// Describe implements [prometheus.Collector].
func (p *Projections) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		p.total, p.failures, p.reported, p.active, p.lag, p.behind, p.position, p.rate, p.applied, p.keys, p.parked, p.skipped, p.failed, p.phase,
	} {
		ch <- d
	}
}

// Collect implements [prometheus.Collector].
func (p *Projections) Collect(ch chan<- prometheus.Metric) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.store == nil {
		return
	}
	if time.Since(p.sampled) >= sampleEvery {
		p.sample()
		p.sampled = time.Now()
	}
	gauge(ch, p.total, float64(len(p.statuses)))
	ch <- prometheus.MustNewConstMetric(p.failures, prometheus.CounterValue, float64(p.missed))
	for i := range p.statuses[:min(len(p.statuses), maxShown)] {
		p.show(ch, &p.statuses[i])
	}
}

// sample reads the reports, for as long as a scrape may take. If that fails what
// was read before is shown.
func (p *Projections) sample() {
	ctx, cancel := context.WithTimeout(context.Background(), sampleTime)
	defer cancel()
	statuses, err := projection.Reported(ctx, p.store)
	if err != nil {
		p.missed++
		return
	}
	p.statuses = statuses
}

func (p *Projections) show(ch chan<- prometheus.Metric, s *projection.Status) {
	name := strings.ToValidUTF8(s.Projection, "�")
	gauge(ch, p.reported, float64(s.At.UnixMilli())/1000, name)
	for i := range s.Builds {
		b := &s.Builds[i]
		build := strconv.Itoa(b.Build)
		for d, v := range map[*prometheus.Desc]float64{
			p.active: one(b.Build == s.Active), p.failed: one(b.Error != ""), p.lag: float64(b.Lag), p.behind: b.Behind(time.Now()).Seconds(), p.position: float64(b.Position), p.rate: b.Rate,
			p.applied: float64(b.Applied), p.keys: float64(b.ParkedKeys), p.parked: float64(b.Parked), p.skipped: float64(b.Skipped),
		} {
			gauge(ch, d, v, name, build)
		}
		gauge(ch, p.phase, 1, name, build, strings.ToValidUTF8(string(b.Phase), "�"))
	}
}

func gauge(ch chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
