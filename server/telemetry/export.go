package telemetry

import (
	"cmp"
	"context"
	"fmt"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// TracingOptions say where spans go. Zero fields are taken from the environment
// variables that OpenTelemetry defines (OTEL_EXPORTER_OTLP_ENDPOINT, …_HEADERS,
// …_PROTOCOL, OTEL_TRACES_SAMPLER, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES
// and so on), and then from their defaults.
type TracingOptions struct {
	// Endpoint is the host and port of a collector that speaks OTLP over gRPC.
	Endpoint string
	// Insecure sends without TLS. It needs an Endpoint.
	Insecure bool
	// Headers are sent along, to prove who sends.
	Headers map[string]string

	// Sample is the share of traces to record that begin here, from 0 to 1.
	// Whether one is recorded that begins elsewhere was decided there. Nil
	// means OTEL_TRACES_SAMPLER, or all.
	Sample *float64

	// ServiceName and Version say who sends. An empty name means
	// OTEL_SERVICE_NAME, or "cairn".
	ServiceName, Version string
}

// TracingAsked reports whether the environment names a collector, and does not
// turn tracing off.
func TracingAsked() bool {
	off := os.Getenv("OTEL_SDK_DISABLED") == "true" || os.Getenv("OTEL_TRACES_EXPORTER") == "none"
	return !off && cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT")) != ""
}

// StartTracing begins to send spans to a collector. A collector that cannot be
// reached is no error: spans are dropped until it can. Stop sends what waits,
// within the time that its context leaves, and must be called once, after the last
// request.
func StartTracing(ctx context.Context, o TracingOptions) (tp *sdk.TracerProvider, stop func(context.Context) error, err error) {
	if o.Sample != nil && !(*o.Sample >= 0 && *o.Sample <= 1) {
		return nil, nil, fmt.Errorf("telemetry: the share of traces to sample is %v, and not between 0 and 1", *o.Sample)
	}
	exporter, err := o.exporter(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("telemetry: %w", err)
	}
	about, err := o.resource(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("telemetry: %w", err)
	}
	settings := []sdk.TracerProviderOption{sdk.WithBatcher(exporter), sdk.WithResource(about)}
	if o.Sample != nil || os.Getenv("OTEL_TRACES_SAMPLER") == "" {
		settings = append(settings, sdk.WithSampler(sampler(o.Sample)))
	}
	tp = sdk.NewTracerProvider(settings...)
	return tp, tp.Shutdown, nil
}

// exporter speaks gRPC, unless only the environment says where to, and says
// otherwise.
func (o *TracingOptions) exporter(ctx context.Context) (sdk.SpanExporter, error) {
	protocol := cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"), os.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL"))
	if o.Endpoint == "" && (protocol == "http/protobuf" || protocol == "http/json") {
		var settings []otlptracehttp.Option
		if len(o.Headers) > 0 {
			settings = append(settings, otlptracehttp.WithHeaders(o.Headers))
		}
		return otlptracehttp.New(ctx, settings...)
	}
	var settings []otlptracegrpc.Option
	if o.Endpoint != "" {
		settings = append(settings, otlptracegrpc.WithEndpoint(o.Endpoint))
		if o.Insecure {
			settings = append(settings, otlptracegrpc.WithInsecure())
		}
	}
	if len(o.Headers) > 0 {
		settings = append(settings, otlptracegrpc.WithHeaders(o.Headers))
	}
	return otlptracegrpc.New(ctx, settings...)
}

// resource is who sends. What is given comes before the environment, and that
// before the defaults.
func (o *TracingOptions) resource(ctx context.Context) (*resource.Resource, error) {
	given := []attribute.KeyValue{}
	if o.ServiceName != "" {
		given = append(given, attribute.String("service.name", o.ServiceName))
	}
	if o.Version != "" {
		given = append(given, attribute.String("service.version", o.Version))
	}
	return resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "cairn")),
		resource.WithTelemetrySDK(), resource.WithHost(), resource.WithFromEnv(),
		resource.WithAttributes(given...))
}
