package telemetry

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	grpccodes "google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// w3c reads the context of a trace from what a caller sends.
var w3c = propagation.TraceContext{}

// incoming are the headers of a call over gRPC.
type incoming metadata.MD

// Get implements [propagation.TextMapCarrier].
func (h incoming) Get(key string) string {
	if v := metadata.MD(h).Get(key); len(v) > 0 {
		return v[0]
	}
	return ""
}

// Set implements [propagation.TextMapCarrier]; nothing is sent back.
func (h incoming) Set(string, string) {}

// Keys implements [propagation.TextMapCarrier].
func (h incoming) Keys() []string { return nil }

// beginRPC starts the span of a call, within that of the caller.
func (in *Instruments) beginRPC(ctx context.Context, method string) (context.Context, trace.Span) {
	md, _ := metadata.FromIncomingContext(ctx)
	service, name, _ := strings.Cut(strings.TrimPrefix(method, "/"), "/")
	return in.tracer.Start(w3c.Extract(ctx, incoming(md)), service+"/"+name, trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("rpc.system", "grpc"), attribute.String("rpc.service", service), attribute.String("rpc.method", name)))
}

// endRPC ends it. As OpenTelemetry has it, only some codes are the server's fault.
func endRPC(span trace.Span, code grpccodes.Code, err error) {
	span.SetAttributes(attribute.Int("rpc.grpc.status_code", int(code)))
	switch code {
	case grpccodes.Unknown, grpccodes.DeadlineExceeded, grpccodes.Unimplemented, grpccodes.Internal, grpccodes.Unavailable, grpccodes.DataLoss:
		span.SetStatus(codes.Error, status.Convert(err).Message())
	}
	span.End()
}

// beginHTTP starts the span of a request, within that of the caller.
func (in *Instruments) beginHTTP(r *http.Request) (context.Context, trace.Span) {
	ctx := w3c.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	return in.tracer.Start(ctx, known(r.Method), trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("http.request.method", known(r.Method)), attribute.String("url.path", r.URL.Path)))
}

// endHTTP ends it, now that the route is known.
func endHTTP(span trace.Span, method, route string, code int) {
	span.SetName(method + " " + route)
	span.SetAttributes(attribute.String("http.route", route), attribute.Int("http.response.status_code", code))
	if code >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, http.StatusText(code))
	}
	span.End()
}

// caller says where a call comes from.
func caller(ctx context.Context) slog.Attr {
	if p, ok := peer.FromContext(ctx); ok && p.Addr != nil {
		return slog.String("from", p.Addr.String())
	}
	return slog.Attr{}
}
