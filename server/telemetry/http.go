package telemetry

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
)

// httpMetrics are about requests over HTTP, by route: the pattern of the mux,
// of which there are few, and not the path.
type httpMetrics struct {
	took     *prometheus.HistogramVec
	inFlight *prometheus.GaugeVec
}

func newHTTPMetrics() *httpMetrics {
	return &httpMetrics{
		took:     histogram("http_request_duration_seconds", "Time of a request over HTTP, until its answer was written.", seconds, "route", "method", "code"),
		inFlight: gauge("http_in_flight", "Requests over HTTP that have not ended."),
	}
}

func (m *httpMetrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.took, m.inFlight}
}

// unmatched is the route of what no pattern matches.
const unmatched = "unmatched"

type routeKey struct{}

// Routed is put around a [http.ServeMux] if something between it and
// [Instruments.HTTP] copies the request, as [http.Request.WithContext] does: it
// tells the outer one which pattern matched.
func (in *Instruments) Routed(mux http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if route, ok := r.Context().Value(routeKey{}).(*string); ok && r.Pattern != "" {
				*route = r.Pattern
			}
		}()
		mux.ServeHTTP(w, r)
	})
}

// HTTP measures, traces and logs what a handler answers. It is the outermost,
// so that requests which others refuse are counted too. The handler can flush,
// and find what else the writer can do with [http.ResponseController].
func (in *Instruments) HTTP(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := request{in: in, w: &answer{ResponseWriter: w}, began: time.Now(), panicked: true}
		in.http.inFlight.WithLabelValues().Inc()
		ctx := context.WithValue(r.Context(), routeKey{}, &q.route)
		if in.tracer != nil {
			ctx, q.span = in.beginHTTP(r.WithContext(ctx))
		}
		q.r = r.WithContext(ctx)
		defer q.end()
		next.ServeHTTP(q.w, q.r)
		q.panicked = false
	})
}

// A request is one that is under way.
type request struct {
	in       *Instruments
	w        *answer
	r        *http.Request
	route    string
	began    time.Time
	span     trace.Span // nil if nothing is traced
	panicked bool
}

func (q *request) end() {
	took := time.Since(q.began)
	route, method, code := q.matched(), known(q.r.Method), q.code()
	q.in.http.inFlight.WithLabelValues().Dec()
	q.in.http.took.WithLabelValues(route, method, strconv.Itoa(code)).Observe(took.Seconds())
	if q.span != nil {
		endHTTP(q.span, method, route, code)
	}
	level := slog.LevelDebug
	if q.panicked || took >= q.in.slow && !q.w.flushed {
		level = slog.LevelWarn
	}
	q.in.logger.LogAttrs(q.r.Context(), level, "http", slog.String("method", method), slog.String("path", q.r.URL.Path),
		slog.Int("code", code), slog.Duration("took", took), slog.String("from", q.r.RemoteAddr))
}

// matched is the pattern that the request matched.
func (q *request) matched() string {
	switch {
	case q.route != "":
		return q.route
	case q.r.Pattern != "":
		return q.r.Pattern
	}
	return unmatched
}

// code is the status that was answered, or would have been.
func (q *request) code() int {
	switch {
	case q.w.code != 0:
		return q.w.code
	case q.panicked:
		return http.StatusInternalServerError
	}
	return http.StatusOK
}

// known is the method, or "other" if it is one that a caller made up.
func known(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// An answer remembers its status.
type answer struct {
	http.ResponseWriter
	code    int
	flushed bool
}

// WriteHeader implements [http.ResponseWriter]. Of informational answers there
// may be many before the final one.
func (a *answer) WriteHeader(code int) {
	if a.code == 0 && (code >= 200 || code == http.StatusSwitchingProtocols) {
		a.code = code
	}
	a.ResponseWriter.WriteHeader(code)
}

// Write implements [http.ResponseWriter].
func (a *answer) Write(b []byte) (int, error) {
	if a.code == 0 {
		a.code = http.StatusOK
	}
	return a.ResponseWriter.Write(b)
}

// Flush implements [http.Flusher], as far as the writer can.
func (a *answer) Flush() { _ = a.FlushError() }

// FlushError is what [http.ResponseController] looks for.
func (a *answer) FlushError() error {
	a.flushed = true
	if a.code == 0 {
		a.code = http.StatusOK
	}
	return http.NewResponseController(a.ResponseWriter).Flush()
}

// Unwrap is what [http.ResponseController] looks for.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
