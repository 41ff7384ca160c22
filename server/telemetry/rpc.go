package telemetry

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// rpcMetrics are about calls over gRPC, by method. Only methods that the server
// has reach an interceptor, so there are as many as it has.
type rpcMetrics struct {
	took     *prometheus.HistogramVec
	inFlight *prometheus.GaugeVec
	methods  sync.Map // of the full method to *method
}

// A method keeps its metrics at hand, because looking them up costs more than
// counting.
type method struct {
	inFlight prometheus.Gauge
	took     [codes.Unauthenticated + 1]atomic.Pointer[prometheus.Observer]
}

func newRPCMetrics() *rpcMetrics {
	return &rpcMetrics{
		took:     histogram("rpc_duration_seconds", "Time of a call over gRPC, from its headers to its status.", seconds, "method", "code"),
		inFlight: gauge("rpc_in_flight", "Calls over gRPC that have not ended.", "method"),
	}
}

func (m *rpcMetrics) all() []prometheus.Collector { return []prometheus.Collector{m.took, m.inFlight} }

func (m *rpcMetrics) method(name string) *method {
	if found, ok := m.methods.Load(name); ok {
		return found.(*method)
	}
	found, _ := m.methods.LoadOrStore(name, &method{inFlight: m.inFlight.WithLabelValues(name)})
	return found.(*method)
}

func (m *rpcMetrics) observe(to *method, name string, code codes.Code, seconds float64) {
	if int(code) >= len(to.took) {
		code = codes.Unknown
	}
	o := to.took[code].Load()
	if o == nil {
		made := m.took.WithLabelValues(name, code.String())
		o = &made
		to.took[code].Store(o)
	}
	(*o).Observe(seconds)
}

// Unary is the interceptor of calls with one answer. It comes first, so that
// calls which others refuse are counted too.
func (in *Instruments) Unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	c := in.call(ctx, info.FullMethod)
	var err error = errPanicked
	defer func() { c.end(err, true) }()
	answer, failed := next(c.ctx, req)
	err = failed
	return answer, err
}

// Stream is the interceptor of calls with streams.
func (in *Instruments) Stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	c := in.call(ss.Context(), info.FullMethod)
	var err error = errPanicked
	defer func() { c.end(err, false) }()
	if c.span != nil {
		ss = &within{ss, c.ctx}
	}
	err = next(srv, ss)
	return err
}

// within is a stream with another context.
type within struct {
	grpc.ServerStream
	ctx context.Context
}

func (w *within) Context() context.Context { return w.ctx }

// errPanicked is what became of a call whose handler did not return.
var errPanicked = status.Error(codes.Internal, "the handler panicked")

// A call is one that is under way.
type call struct {
	in     *Instruments
	ctx    context.Context
	name   string
	method *method
	began  time.Time
	span   trace.Span // nil if nothing is traced
}

func (in *Instruments) call(ctx context.Context, name string) call {
	c := call{in: in, ctx: ctx, name: name, method: in.rpc.method(name), began: time.Now()}
	c.method.inFlight.Inc()
	if in.tracer != nil {
		c.ctx, c.span = in.beginRPC(ctx, name)
	}
	return c
}

func (c *call) end(err error, unary bool) {
	took := time.Since(c.began)
	code := status.Code(err)
	c.method.inFlight.Dec()
	c.in.rpc.observe(c.method, c.name, code, took.Seconds())
	if c.span != nil {
		endRPC(c.span, code, err)
	}
	level := slog.LevelDebug
	if unary && took >= c.in.slow || err == errPanicked {
		level = slog.LevelWarn
	}
	if c.in.logger.Enabled(c.ctx, level) {
		c.in.logger.LogAttrs(c.ctx, level, "rpc", slog.String("method", c.name), slog.String("code", code.String()),
			slog.Duration("took", took), caller(c.ctx))
	}
}
