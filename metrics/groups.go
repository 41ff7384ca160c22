package metrics

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cairndb/cairn/group"
)

const (
	// sampleEvery is how old what is shown may be.
	sampleEvery = 5 * time.Second
	// sampleTime is how long a scrape may take. What was not reached by then is
	// shown as it was, and comes first the next time.
	sampleTime = 2 * time.Second
	// maxShown bounds the number of series.
	maxShown = 1000
)

// Groups is a collector of how far groups are, as their store knows it. It looks
// when it is asked, at most every five seconds, and reads only what has changed.
// Of more than a thousand groups the first by name are shown.
type Groups struct {
	names []string // none means all

	total, position, lag, behind, keys, events, members, full, failures *prometheus.Desc

	mu       sync.Mutex
	store    group.Store
	sampled  time.Time
	count    int
	next     int // where to go on
	failed   int
	watched  map[string]*group.Observer
	statuses map[string]group.GroupStatus
}

// NewGroups makes a collector for the groups of these names, or without names for
// all that the store has.
func NewGroups(store group.Store, names ...string) *Groups {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("cairn_"+name, help, labels, nil)
	}
	g := &Groups{
		names:    names,
		total:    desc("groups", "Groups that there are."),
		position: desc("group_position", "Position up to which everything is settled or parked. It lags where nothing happens.", "group"),
		lag:      desc("group_lag_events", "Events that are still to be settled, at most.", "group"),
		behind:   desc("group_lag_seconds", "How long the oldest event that is still to be settled has been waiting, at most; 0 if there is none.", "group"),
		keys:     desc("group_parked_keys", "Keys of which events are parked.", "group"),
		events:   desc("group_parked_events", "Events that are parked.", "group"),
		members:  desc("group_members", "Members that were there lately.", "group"),
		full:     desc("group_members_full", "Members that read no further, as slow or failing keys have filled their window.", "group"),
		failures: desc("group_sample_failures_total", "Looks at groups that failed."),
	}
	g.Watch(store)
	return g
}

// Watch makes the collector look at another store. Of none it shows nothing.
func (g *Groups) Watch(store group.Store) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.store, g.sampled = store, time.Time{}
	g.watched, g.statuses = map[string]*group.Observer{}, map[string]group.GroupStatus{}
}

// Describe implements [prometheus.Collector].
func (g *Groups) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{g.total, g.position, g.lag, g.behind, g.keys, g.events, g.members, g.full, g.failures} {
		ch <- d
	}
}

// Collect implements [prometheus.Collector].
func (g *Groups) Collect(ch chan<- prometheus.Metric) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.store == nil {
		return
	}
	if time.Since(g.sampled) >= sampleEvery {
		g.sample()
		g.sampled = time.Now()
	}
	ch <- prometheus.MustNewConstMetric(g.total, prometheus.GaugeValue, float64(g.count))
	ch <- prometheus.MustNewConstMetric(g.failures, prometheus.CounterValue, float64(g.failed))
	for name, s := range g.statuses {
		g.show(ch, strings.ToValidUTF8(name, "�"), &s)
	}
}

func (g *Groups) show(ch chan<- prometheus.Metric, name string, s *group.GroupStatus) {
	full := 0
	for _, m := range s.Members {
		if m.Full {
			full++
		}
	}
	for d, v := range map[*prometheus.Desc]float64{
		g.position: float64(s.Position), g.lag: float64(s.Lag), g.behind: s.Behind(time.Now()).Seconds(), g.keys: float64(s.ParkedKeys), g.events: float64(s.ParkedEvents),
		g.members: float64(len(s.Members)), g.full: float64(full),
	} {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, name)
	}
}

// sample looks at the groups, for as long as a scrape may take.
func (g *Groups) sample() {
	ctx, cancel := context.WithTimeout(context.Background(), sampleTime)
	defer cancel()
	names, err := g.list(ctx)
	if err != nil {
		g.failed++
		return
	}
	first := g.next
	g.next = 0
	for i := range names {
		n := (first + i) % len(names)
		if !g.look(ctx, names[n]) {
			g.next = n
			return
		}
	}
}

// list finds out which groups there are, and forgets those that are gone.
func (g *Groups) list(ctx context.Context) ([]string, error) {
	names := g.names
	if len(names) == 0 {
		var err error
		if names, err = group.List(ctx, g.store); err != nil {
			return nil, err
		}
	}
	g.count = len(names)
	names = names[:min(len(names), maxShown)]
	watched := map[string]*group.Observer{}
	for _, name := range names {
		if watched[name] = g.watched[name]; watched[name] == nil {
			watched[name] = group.Observe(g.store, name)
		}
	}
	for name := range g.statuses {
		if watched[name] == nil {
			delete(g.statuses, name)
		}
	}
	g.watched = watched
	return names, nil
}

// look looks at a group. It reports false if the time is over. A group of which
// nothing can be said is not shown.
func (g *Groups) look(ctx context.Context, name string) bool {
	s, err := g.watched[name].Status(ctx)
	switch {
	case ctx.Err() != nil:
		return false
	case err == nil:
		g.statuses[name] = s
		return true
	case !errors.Is(err, group.ErrUnknown):
		g.failed++
	}
	delete(g.statuses, name)
	return true
}
