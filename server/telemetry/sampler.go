package telemetry

import (
	"slices"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// sampler records the share of traces that begin here, what callers decided of
// theirs, and what is linked to a span that was recorded: so the delivery of an
// event is seen where its append is.
func sampler(share *float64) sdk.Sampler {
	root := sdk.AlwaysSample()
	if share != nil {
		root = sdk.TraceIDRatioBased(*share)
	}
	return sdk.ParentBased(linked{root})
}

// linked is a sampler that records what is linked to something recorded.
type linked struct{ sdk.Sampler }

// ShouldSample implements [sdk.Sampler].
func (l linked) ShouldSample(p sdk.SamplingParameters) sdk.SamplingResult {
	if slices.ContainsFunc(p.Links, func(link trace.Link) bool { return link.SpanContext.IsSampled() }) {
		return sdk.AlwaysSample().ShouldSample(p)
	}
	return l.Sampler.ShouldSample(p)
}
