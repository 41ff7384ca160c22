package telemetry

import (
	"cmp"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/trace"

	"github.com/cairndb/cairn/metrics"
)

// Options are the settings of [New]. The zero value is right for a test.
type Options struct {
	// Version is that of the program, for the metric of the build.
	Version string

	// Tracer makes the spans. Nil makes none, at no cost.
	Tracer trace.TracerProvider

	// Logger is told of every request at debug, and at warn of those that took
	// Slow or longer and of those that panicked. Nil is silent.
	Logger *slog.Logger

	// Slow is how long a request may take without a warning. Zero means one
	// second. What streams is never slow.
	Slow time.Duration
}

// Instruments measure one server. Their methods may be called concurrently.
type Instruments struct {
	registry *prometheus.Registry
	tracer   trace.Tracer // nil if nothing is traced
	logger   *slog.Logger
	slow     time.Duration

	writes    *writeMetrics
	reads     *readMetrics
	errors    *prometheus.CounterVec
	commits   *commitMetrics
	followers *followers
	groups    *metrics.Groups
	models    *metrics.Projections
	rpc       *rpcMetrics
	http      *httpMetrics
	conns     *connectionMetrics
	kinds     sync.Map // of errorKey to prometheus.Counter
}

// New makes the instruments of a server, with a registry of their own: nothing
// is registered for the whole process.
func New(o Options) *Instruments {
	in := &Instruments{
		registry: prometheus.NewRegistry(), logger: o.Logger, slow: cmp.Or(o.Slow, time.Second),
		writes: newWriteMetrics(), reads: newReadMetrics(), errors: newErrors(), commits: newCommitMetrics(),
		followers: newFollowers(), groups: newGroups(), models: metrics.NewProjections(nil), rpc: newRPCMetrics(), http: newHTTPMetrics(), conns: newConnectionMetrics(),
	}
	if in.logger == nil {
		in.logger = slog.New(slog.DiscardHandler)
	}
	if o.Tracer != nil {
		in.tracer = o.Tracer.Tracer("github.com/cairndb/cairn/server/telemetry", trace.WithInstrumentationVersion(o.Version))
	}
	for _, part := range [][]prometheus.Collector{
		in.writes.all(), in.reads.all(), {in.errors}, in.commits.all(), {in.followers, in.groups, in.models}, in.rpc.all(), in.http.all(), in.conns.all(),
		{buildInfo(o.Version), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})},
	} {
		in.registry.MustRegister(part...) // refuses a name that is there twice, so fails in any test
	}
	return in
}

// Handler serves the metrics, as text or as OpenMetrics, whichever is asked for.
func (in *Instruments) Handler() http.Handler {
	return promhttp.HandlerFor(in.registry, promhttp.HandlerOpts{EnableOpenMetrics: true, Registry: in.registry})
}

// Registry is where a program adds metrics of its own.
func (in *Instruments) Registry() *prometheus.Registry { return in.registry }
