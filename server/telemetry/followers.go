package telemetry

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cairndb/cairn"
)

// A follower is a reader that waits for more. Its own goroutine writes it,
// whoever collects the metrics reads it.
type follower struct {
	kind string
	at   atomic.Uint64 // the position up to which it was given everything
	idle atomic.Bool   // it has all of its stream, or of what it selects
}

// deliver notes the event that the follower is being given. It is behind by
// that event until it comes back for the next.
func (f *follower) deliver(p cairn.Position) {
	if f.idle.Load() {
		f.idle.Store(false)
	}
	f.at.Store(uint64(p) - 1)
}

// lag is how many events behind the head the follower is. Of one that reads a
// stream, or selects, it is the most that it can be: how many of those events
// concern it nobody knows without looking.
func (f *follower) lag(head uint64) uint64 {
	at := f.at.Load()
	if f.idle.Load() || at >= head {
		return 0
	}
	return head - at
}

// followers are those of a server. They have no labels each: what is shown is
// how many there are and how far they are behind, computed when it is asked for.
type followers struct {
	mu    sync.Mutex
	all   map[*follower]struct{}
	store cairn.Inspector

	head, count, behind, most *prometheus.Desc
}

func newFollowers() *followers {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("cairn_"+name, help, labels, nil)
	}
	return &followers{
		all:    map[*follower]struct{}{},
		head:   desc("head_position", "Position of the last event in the log."),
		count:  desc("followers", "Readers that follow, by what they read.", "kind"),
		behind: desc("followers_behind", "Followers that are at least so many events behind the head.", "events"),
		most:   desc("follower_lag_max_events", "How many events the slowest follower is behind the head."),
	}
}

// watch says whose head the followers are compared with.
func (fs *followers) watch(s cairn.Inspector) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.store = s
}

func (fs *followers) join(kind string) *follower {
	f := &follower{kind: kind}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.all[f] = struct{}{}
	return f
}

func (fs *followers) leave(f *follower) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	delete(fs.all, f)
}

// Describe implements [prometheus.Collector].
func (fs *followers) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{fs.head, fs.count, fs.behind, fs.most} {
		ch <- d
	}
}

// Collect implements [prometheus.Collector]. A store that cannot say where its
// head is, because it is closed, shows none.
func (fs *followers) Collect(ch chan<- prometheus.Metric) {
	fs.mu.Lock()
	store := fs.store
	fs.mu.Unlock()
	if store == nil {
		return
	}
	info, err := store.Info(context.Background())
	if err != nil {
		return
	}
	send := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	s := fs.survey(uint64(info.Head))
	send(fs.head, float64(info.Head))
	send(fs.most, float64(s.most))
	for i, n := range s.behind {
		send(fs.behind, float64(n), strconv.FormatUint(steps[i], 10))
	}
	for kind, n := range s.kinds {
		send(fs.count, float64(n), kind)
	}
}

// steps are how far behind followers are counted.
var steps = [...]uint64{1, 100, 10_000, 1_000_000}

// A survey is what followers have in common at one moment.
type survey struct {
	kinds  map[string]int
	behind [len(steps)]int
	most   uint64
}

func (fs *followers) survey(head uint64) survey {
	s := survey{kinds: map[string]int{"stream": 0, "log": 0, "query": 0}}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for f := range fs.all {
		s.kinds[f.kind]++
		lag := f.lag(head)
		s.most = max(s.most, lag)
		for i, step := range steps {
			if lag >= step {
				s.behind[i]++
			}
		}
	}
	return s
}
