package tracing_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/storetest"
	"github.com/cairndb/cairn/tracing"
)

const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

func memory(t *testing.T) cairn.Store {
	t.Helper()
	s, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// within is a context within the span that parent names.
func within(ctx context.Context, flags trace.TraceFlags, state string) context.Context {
	s, err := trace.ParseTraceState(state)
	if err != nil {
		panic(err)
	}
	return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd, 0x84, 0x48, 0xeb, 0x21, 0x1c, 0x80, 0x31, 0x9c},
		SpanID:  trace.SpanID{0xb7, 0xad, 0x6b, 0x71, 0x69, 0x20, 0x33, 0x31}, TraceFlags: flags, TraceState: s,
	}))
}

func TestConformance(t *testing.T) {
	storetest.Run(t, storetest.Config{
		Open:       func(t *testing.T) cairn.Store { return tracing.Inject(memory(t)) },
		Operations: 1000,
	})
}

func TestInject(t *testing.T) {
	big := []byte(`{"a":"` + strings.Repeat("x", cairn.MaxEventSize-20) + `"}`)
	for _, c := range []struct {
		name, kind, metadata, want string
	}{
		{"none", "t", "", `{"traceparent":"` + parent + `"}`},
		{"empty object", "t", " { } ", `{"traceparent":"` + parent + `" } `},
		{"other keys keep their bytes", "t", `{"n": 1.50, "n":2}`, `{"traceparent":"` + parent + `","n": 1.50, "n":2}`},
		{"has one already", "t", `{"traceparent":"mine"}`, `{"traceparent":"mine"}`},
		{"has a state already", "t", `{"tracestate":"a=1"}`, `{"tracestate":"a=1"}`},
		{"not an object", "t", `[1]`, `[1]`},
		{"null", "t", `null`, `null`},
		{"not JSON", "t", "\x00\x01", "\x00\x01"},
		{"two values", "t", "{} {}", "{} {}"},
		{"an event of the system's", "$t", `{}`, `{}`},
		{"too large", "t", string(big), string(big)},
	} {
		t.Run(c.name, func(t *testing.T) {
			inner := memory(t)
			defer inner.Close()
			given := []cairn.Event{{Type: c.kind, Metadata: []byte(c.metadata)}}
			s := tracing.Inject(inner)
			ctx := within(t.Context(), trace.FlagsSampled, "")
			if _, err := s.Append(ctx, "s", cairn.Any, given...); err != nil {
				t.Fatal(err)
			}
			for _, o := range cairn.CommitEach(ctx, s, []cairn.Batch{{Writes: []cairn.Write{{Stream: "s", Expected: 0, Events: given}}}}) {
				if o.Err != nil {
					t.Fatal(o.Err)
				}
			}
			if _, err := s.Commit(ctx, cairn.Batch{Writes: []cairn.Write{{Stream: "s", Expected: 1, Events: given}}}); err != nil {
				t.Fatal(err)
			}
			all, err := cairn.Collect(inner.ReadStream(t.Context(), "s", cairn.ReadOptions{}))
			if err != nil || len(all) != 3 {
				t.Fatalf("%d events, %v", len(all), err)
			}
			for _, e := range all {
				if string(e.Metadata) != c.want {
					t.Errorf("revision %d: metadata %.200q, want %.200q", e.Revision, e.Metadata, c.want)
				}
			}
			if string(given[0].Metadata) != c.metadata {
				t.Error("the caller's event was changed")
			}
		})
	}
}

func TestInjectOnlyWhatIsSampled(t *testing.T) {
	s := tracing.Inject(memory(t))
	defer s.Close()
	for _, ctx := range []context.Context{t.Context(), within(t.Context(), 0, "")} {
		if _, err := s.Append(ctx, "s", cairn.Any, cairn.Event{Type: "t"}); err != nil {
			t.Fatal(err)
		}
	}
	for e, err := range s.ReadAll(t.Context(), cairn.AllOptions{}) {
		if err != nil || len(e.Metadata) > 0 {
			t.Errorf("metadata %q, %v", e.Metadata, err)
		}
	}
}

func TestThereAndBack(t *testing.T) {
	s := tracing.Inject(memory(t))
	defer s.Close()
	ctx := within(t.Context(), trace.FlagsSampled, "a=1,b=2")
	if _, err := s.Append(ctx, "s", cairn.Any, cairn.Event{Type: "t", Metadata: []byte(`{"a":1}`)}); err != nil {
		t.Fatal(err)
	}
	for e, err := range s.ReadAll(t.Context(), cairn.AllOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		got := tracing.ContextOf(&e.Event)
		if want := trace.SpanContextFromContext(ctx).WithRemote(true); !got.Equal(want) {
			t.Errorf("context %v, want %v", got, want)
		}
		if !json.Valid(e.Metadata) {
			t.Errorf("metadata %q is no JSON", e.Metadata)
		}
	}
}

func TestInjectKeepsWhatTheStoreOffers(t *testing.T) {
	s := memory(t)
	defer s.Close()
	type plain struct{ cairn.Store }
	type bulk struct {
		cairn.Store
		cairn.BulkCommitter
	}
	type ranker struct {
		cairn.Store
		cairn.Ranker
	}
	for _, inner := range []cairn.Store{s, plain{s}, bulk{s, nil}, ranker{s, nil}} {
		got := tracing.Inject(inner)
		_, wantBulk := inner.(cairn.BulkCommitter)
		_, wantRanker := inner.(cairn.Ranker)
		_, isBulk := got.(cairn.BulkCommitter)
		_, isRanker := got.(cairn.Ranker)
		if isBulk != wantBulk || isRanker != wantRanker {
			t.Errorf("%T: bulk %v, ranker %v; want %v, %v", inner, isBulk, isRanker, wantBulk, wantRanker)
		}
	}
}

func TestContextOf(t *testing.T) {
	const id, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	for _, c := range []struct {
		name, metadata, want string
		sampled              bool
	}{
		{"nothing", "", "", false},
		{"W3C", `{"traceparent":"` + parent + `"}`, id + span, true},
		{"W3C, not sampled", `{"traceparent":"` + strings.TrimSuffix(parent, "1") + `0"}`, id + span, false},
		{"KurrentDB", `{"$traceId":"` + id + `","$spanId":"` + span + `"}`, id + span, true},
		{"W3C comes first", `{"$traceId":"11111111111111111111111111111111","$spanId":"` + span + `","traceparent":"` + parent + `"}`, id + span, true},
		{"KurrentDB if the other is broken", `{"$traceId":"` + id + `","$spanId":"` + span + `","traceparent":"x"}`, id + span, true},
		{"half", `{"$traceId":"` + id + `"}`, "", false},
		{"zero", `{"$traceId":"00000000000000000000000000000000","$spanId":"` + span + `"}`, "", false},
		{"a number", `{"traceparent":1,"$traceId":2}`, "", false},
		{"another case", `{"TraceParent":"` + parent + `","traceparent ":1}`, "", false},
		{"not JSON", `"traceparent" ` + parent, "", false},
		{"an array", `["traceparent"]`, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := tracing.ContextOf(&cairn.Event{Metadata: []byte(c.metadata)})
			got := ""
			if sc.IsValid() {
				got = sc.TraceID().String() + sc.SpanID().String()
			}
			if got != c.want || sc.IsSampled() != c.sampled || sc.IsValid() && !sc.IsRemote() {
				t.Errorf("context %v", sc)
			}
		})
	}
}

// FuzzMetadata: whatever metadata holds, it can be read and stamped; what was
// stamped holds the context and all that it held before.
func FuzzMetadata(f *testing.F) {
	for _, m := range []string{"", "{}", `{"a":1}`, `{"traceparent":""}`, "[", `{"$traceId":"0","$spanId":"0"}`, " {\n}"} {
		f.Add([]byte(m))
	}
	f.Fuzz(func(t *testing.T, metadata []byte) {
		s := &recorder{}
		ctx := within(t.Context(), trace.FlagsSampled, "k=v")
		e := cairn.Event{Type: "t", Metadata: bytes.Clone(metadata)}
		tracing.ContextOf(&e)
		if _, err := tracing.Inject(s).Append(ctx, "s", cairn.Any, e); err != nil {
			t.Fatal(err)
		}
		got := s.events[0].Metadata
		if bytes.Equal(got, metadata) {
			return
		}
		var before, after map[string]json.RawMessage
		if len(metadata) > 0 && json.Unmarshal(metadata, &before) != nil {
			t.Fatalf("changed %q, which is no object", metadata)
		}
		if err := json.Unmarshal(got, &after); err != nil {
			t.Fatalf("%q became %q: %v", metadata, got, err)
		}
		for k, v := range before {
			if !bytes.Equal(after[k], v) {
				t.Errorf("%q: key %q became %q", metadata, k, after[k])
			}
		}
		if !tracing.ContextOf(&s.events[0]).IsSampled() {
			t.Errorf("%q became %q, without a context", metadata, got)
		}
	})
}

// A recorder keeps what is appended.
type recorder struct {
	cairn.Store
	events []cairn.Event
}

func (r *recorder) Append(_ context.Context, _ string, _ cairn.Revision, events ...cairn.Event) (cairn.Receipt, error) {
	r.events = append(r.events, events...)
	return cairn.Receipt{}, nil
}
