package telemetry_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	grpccodes "google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/telemetry"
	"github.com/cairndb/cairn/tracing"
)

const (
	traceID     = "0af7651916cd43dd8448eb211c80319c"
	spanID      = "b7ad6b7169203331"
	traceparent = "00-" + traceID + "-" + spanID + "-01"
)

func traced(t *testing.T) (*telemetry.Instruments, *tracetest.InMemoryExporter, *sdk.TracerProvider) {
	out := tracetest.NewInMemoryExporter()
	tp := sdk.NewTracerProvider(sdk.WithSyncer(out))
	t.Cleanup(func() { tp.Shutdown(context.Background()) })
	return telemetry.New(telemetry.Options{Tracer: tp}), out, tp
}

// span is the one of a name.
func span(t *testing.T, all tracetest.SpanStubs, name string) tracetest.SpanStub {
	t.Helper()
	i := slices.IndexFunc(all, func(s tracetest.SpanStub) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("no span %q among %d", name, len(all))
	}
	return all[i]
}

func has(t *testing.T, s tracetest.SpanStub, want ...attribute.KeyValue) {
	t.Helper()
	for _, kv := range want {
		if !slices.Contains(s.Attributes, kv) {
			t.Errorf("span %q: no %s = %s among %v", s.Name, kv.Key, kv.Value.String(), s.Attributes)
		}
	}
}

// TestTraceOfAnAppend: the caller's span, the call's, the append's, each within
// the one before.
func TestTraceOfAnAppend(t *testing.T) {
	in, out, _ := traced(t)
	s := memory(t, in)
	defer s.Close()
	ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs("traceparent", traceparent, "tracestate", "a=1"))
	must(t)(in.Unary(ctx, nil, info, func(ctx context.Context, _ any) (any, error) {
		return s.Append(ctx, "s", cairn.Any, cairn.Event{Type: "t"})
	}))
	all := out.GetSpans()
	call, write := span(t, all, "a.Service/Method"), span(t, all, "cairn append")
	if call.Parent.TraceID().String() != traceID || call.Parent.SpanID().String() != spanID || !call.Parent.IsRemote() || call.Parent.TraceState().String() != "a=1" {
		t.Errorf("the call is within %v", call.Parent)
	}
	if write.Parent.SpanID() != call.SpanContext.SpanID() || call.SpanKind != trace.SpanKindServer {
		t.Errorf("the append is within %v", write.Parent)
	}
	has(t, call, attribute.String("rpc.service", "a.Service"), attribute.String("rpc.method", "Method"), attribute.Int("rpc.grpc.status_code", 0))
	has(t, write, attribute.String("cairn.stream", "s"), attribute.Int64("cairn.position", 1), attribute.Int("cairn.events", 1))
}

func TestTraceOfAStream(t *testing.T) {
	in, out, _ := traced(t)
	s := memory(t, in)
	defer s.Close()
	ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs("traceparent", traceparent))
	err := in.Stream(nil, stream{ctx: ctx}, &grpc.StreamServerInfo{FullMethod: "/a.Service/Stream"}, func(_ any, ss grpc.ServerStream) error {
		cairn.CommitEach(ss.Context(), s, []cairn.Batch{{Writes: []cairn.Write{{Stream: "s", Expected: cairn.Any, Events: []cairn.Event{{Type: "t"}}}}}})
		must(t)(s.Commit(ss.Context(), cairn.Batch{}))
		return status.Error(grpccodes.Internal, "broken")
	})
	if status.Code(err) != grpccodes.Internal {
		t.Fatal(err)
	}
	all := out.GetSpans()
	call := span(t, all, "a.Service/Stream")
	if call.Status.Code != codes.Error || call.Status.Description != "broken" || call.Parent.TraceID().String() != traceID {
		t.Errorf("the call: %+v", call.Status)
	}
	has(t, span(t, all, "cairn commit_each"), attribute.Int("cairn.batches", 1), attribute.Int("cairn.events", 1))
	if got := span(t, all, "cairn commit").Parent.SpanID(); got != call.SpanContext.SpanID() {
		t.Errorf("the commit is within %v", got)
	}
}

// TestTraceOfErrors: what callers may get wrong is no error of the server's.
func TestTraceOfErrors(t *testing.T) {
	in, out, _ := traced(t)
	s := memory(t, in)
	if _, err := s.Append(t.Context(), "s", 7, cairn.Event{Type: "t"}); err == nil {
		t.Fatal("no conflict")
	}
	refused := out.GetSpans()[0]
	has(t, refused, attribute.String("error.type", "conflict"))
	if refused.Status.Code != codes.Unset {
		t.Errorf("status %+v", refused.Status)
	}
	out.Reset()
	failing := in.Observe(&ailing{Store: s, write: cairn.ErrFailed})
	if _, err := failing.Append(t.Context(), "s", cairn.Any); err == nil {
		t.Fatal("no failure")
	}
	if got := out.GetSpans()[0]; got.Status.Code != codes.Error {
		t.Errorf("status %+v", got.Status)
	}
	s.Close()
}

// TestTraceOfADelivery: an event that carries the context of its append is
// delivered within a span that is linked to it; another is not.
func TestTraceOfADelivery(t *testing.T) {
	in, out, tp := traced(t)
	s := memory(t, in)
	defer s.Close()
	ctx, publish := tp.Tracer("test").Start(t.Context(), "publish")
	must(t)(tracing.Inject(s).Append(ctx, "s", cairn.Any, cairn.Event{Type: "t"}))
	publish.End()
	must(t)(s.Append(t.Context(), "s", cairn.Any, cairn.Event{Type: "t"}))
	out.Reset()
	for e, err := range s.ReadAll(t.Context(), cairn.AllOptions{Follow: true}) {
		if err != nil {
			t.Fatal(err)
		}
		if delivered := len(out.GetSpans()); e.Position == 2 && delivered != 1 {
			t.Errorf("%d spans when the second event came", delivered)
		}
		if e.Position == 2 {
			break
		}
	}
	all := out.GetSpans()
	delivery, read := span(t, all, "cairn deliver"), span(t, all, "cairn read")
	if len(all) != 2 || len(delivery.Links) != 2 || delivery.Parent.IsValid() {
		t.Fatalf("%d spans, links %v, parent %v", len(all), delivery.Links, delivery.Parent)
	}
	if got, want := delivery.Links[0].SpanContext, publish.SpanContext().WithRemote(true); !got.Equal(want) {
		t.Errorf("linked to %v, want %v", got, want)
	}
	if delivery.Links[1].SpanContext.SpanID() != read.SpanContext.SpanID() {
		t.Error("not linked to its follower")
	}
	has(t, delivery, attribute.String("cairn.stream", "s"), attribute.Int64("cairn.position", 1))
	has(t, read, attribute.Int("cairn.events", 2), attribute.Bool("cairn.follow", true))
}

func TestTraceOfARequest(t *testing.T) {
	in, out, _ := traced(t)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /a/{b}", func(w http.ResponseWriter, r *http.Request) {
		if got := trace.SpanContextFromContext(r.Context()).TraceID().String(); got != traceID {
			t.Errorf("the handler is within trace %s", got)
		}
		w.WriteHeader(http.StatusBadGateway)
	})
	r := httptest.NewRequest("GET", "/a/1", nil)
	r.Header.Set("traceparent", traceparent)
	in.HTTP(mux).ServeHTTP(httptest.NewRecorder(), r)
	got := span(t, out.GetSpans(), "GET GET /a/{b}")
	has(t, got, attribute.Int("http.response.status_code", 502), attribute.String("http.route", "GET /a/{b}"))
	if got.Status.Code != codes.Error || got.Parent.SpanID().String() != spanID {
		t.Errorf("status %+v, parent %v", got.Status, got.Parent)
	}
}
