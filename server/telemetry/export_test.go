package telemetry_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"go.opentelemetry.io/otel/trace"

	"github.com/cairndb/cairn/server/telemetry"
)

// A sink is a collector in this process.
type sink struct {
	collector.UnimplementedTraceServiceServer
	got  []*tracepb.ResourceSpans
	keys []string
}

func (s *sink) Export(ctx context.Context, r *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	s.keys = append(s.keys, md.Get("x-key")...)
	s.got = append(s.got, r.ResourceSpans...)
	return &collector.ExportTraceServiceResponse{}, nil
}

// names are those of the spans received.
func (s *sink) names() (all []string) {
	for _, r := range s.got {
		for _, scope := range r.ScopeSpans {
			for _, span := range scope.Spans {
				all = append(all, span.Name)
			}
		}
	}
	return all
}

func (s *sink) service() string {
	for _, kv := range s.got[0].Resource.Attributes {
		if kv.Key == "service.name" {
			return kv.Value.GetStringValue()
		}
	}
	return ""
}

func listen(t *testing.T, s *sink) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	collector.RegisterTraceServiceServer(server, s)
	done := make(chan error)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

func TestExport(t *testing.T) {
	none := 0.0
	for _, c := range []struct {
		name string
		env  map[string]string
		o    func(address string) telemetry.TracingOptions
		want []string
		as   string
	}{
		{"by options", nil, func(a string) telemetry.TracingOptions {
			return telemetry.TracingOptions{Endpoint: a, Insecure: true, Headers: map[string]string{"x-key": "k"}, ServiceName: "shop", Version: "1"}
		}, []string{"root", "linked"}, "shop"},
		{"by environment", map[string]string{"OTEL_SERVICE_NAME": "named", "OTEL_EXPORTER_OTLP_HEADERS": "x-key=k"}, nil, []string{"root", "linked"}, "named"},
		{"only what is linked", map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "x-key=k"}, func(string) telemetry.TracingOptions {
			return telemetry.TracingOptions{Sample: &none}
		}, []string{"linked"}, "cairn"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &sink{}
			address := listen(t, s)
			var o telemetry.TracingOptions
			if c.o != nil {
				o = c.o(address)
			}
			if o.Endpoint == "" {
				t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+address)
			}
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			export(t, o)
			if got := s.names(); !slices.Equal(got, c.want) {
				t.Fatalf("spans %q, want %q", got, c.want)
			}
			if !slices.Equal(s.keys, []string{"k"}) || s.service() != c.as {
				t.Errorf("keys %q, service %q", s.keys, s.service())
			}
		})
	}
}

// TestExportHTTP: the environment may ask for the other protocol.
func TestExportHTTP(t *testing.T) {
	s := &sink{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var req collector.ExportTraceServiceRequest
		if err != nil || proto.Unmarshal(body, &req) != nil {
			t.Errorf("%d bytes, %v", len(body), err)
		}
		s.got = append(s.got, req.ResourceSpans...)
		s.keys = append(s.keys, r.Header.Get("X-Key"))
	}))
	defer server.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
	export(t, telemetry.TracingOptions{Headers: map[string]string{"X-Key": "k"}})
	if got := s.names(); !slices.Equal(got, []string{"root", "linked"}) || s.keys[0] != "k" {
		t.Errorf("spans %q, keys %q", got, s.keys)
	}
}

// export sends two spans: one of its own and one that is linked to a sampled one.
func export(t *testing.T, o telemetry.TracingOptions) {
	t.Helper()
	tp, stop, err := telemetry.StartTracing(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	_, root := tp.Tracer("test").Start(t.Context(), "root")
	root.End()
	link := trace.Link{SpanContext: trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled})}
	_, linked := tp.Tracer("test").Start(t.Context(), "linked", trace.WithLinks(link))
	linked.End()
	if err := stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestTracingAsked(t *testing.T) {
	if telemetry.TracingAsked() {
		t.Error("asked for by nobody")
	}
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317")
	if !telemetry.TracingAsked() {
		t.Error("asked for, and not heard")
	}
	t.Setenv("OTEL_TRACES_EXPORTER", "none")
	if telemetry.TracingAsked() {
		t.Error("turned off, and asked for")
	}
}

func TestTracingOptionsAreChecked(t *testing.T) {
	for _, share := range []float64{-0.1, 1.1} {
		if _, _, err := telemetry.StartTracing(t.Context(), telemetry.TracingOptions{Endpoint: "x:1", Sample: &share}); err == nil {
			t.Errorf("a share of %v is taken", share)
		}
	}
}
