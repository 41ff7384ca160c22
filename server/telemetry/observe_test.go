package telemetry_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server/telemetry"
	"github.com/cairndb/cairn/storetest"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

func memory(t testing.TB, in *telemetry.Instruments) cairn.Store {
	t.Helper()
	s, err := disk.OpenMemory(&disk.Options{OnCommit: func(c disk.Commit) {
		in.Commit(c.Batches, c.Events, c.Bytes, c.Duration, c.Err)
	}})
	if err != nil {
		t.Fatal(err)
	}
	return in.Observe(s)
}

func TestConformance(t *testing.T) {
	storetest.Run(t, storetest.Config{
		Open:       func(t *testing.T) cairn.Store { return memory(t, telemetry.New(telemetry.Options{})) },
		Operations: 2000,
	})
}

func TestConformanceTraced(t *testing.T) {
	tp := sdk.NewTracerProvider(sdk.WithSyncer(tracetest.NewInMemoryExporter()))
	defer tp.Shutdown(context.Background())
	storetest.Run(t, storetest.Config{
		Open: func(t *testing.T) cairn.Store {
			return memory(t, telemetry.New(telemetry.Options{Tracer: tp}))
		},
		Operations: 1000,
	})
}

func TestObserveKeepsWhatTheStoreOffers(t *testing.T) {
	in := telemetry.New(telemetry.Options{})
	s := memory(t, in)
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
	type both struct {
		cairn.Store
		cairn.BulkCommitter
		cairn.Ranker
	}
	for _, inner := range []cairn.Store{plain{s}, bulk{s, nil}, ranker{s, nil}, both{s, nil, nil}} {
		got := in.Observe(inner)
		_, wantBulk := inner.(cairn.BulkCommitter)
		_, wantRanker := inner.(cairn.Ranker)
		_, isBulk := got.(cairn.BulkCommitter)
		_, isRanker := got.(cairn.Ranker)
		if isBulk != wantBulk || isRanker != wantRanker {
			t.Errorf("%T: bulk %v, ranker %v; want %v, %v", inner, isBulk, isRanker, wantBulk, wantRanker)
		}
	}
}

func TestWrites(t *testing.T) {
	in := telemetry.New(telemetry.Options{})
	s := memory(t, in)
	defer s.Close()
	event := cairn.Event{ID: cairn.NewID(), Type: "t", Data: []byte("12345"), Metadata: []byte("{}")}
	must(t)(s.Append(t.Context(), "s", cairn.NoStream, event))
	must(t)(s.Append(t.Context(), "s", cairn.NoStream, event)) // a duplicate
	must(t)(s.Commit(t.Context(), cairn.Batch{Writes: []cairn.Write{{Stream: "s", Expected: 0, Events: []cairn.Event{{Type: "t", Data: []byte("1")}}}}}))
	outcomes := cairn.CommitEach(t.Context(), s, []cairn.Batch{
		{Writes: []cairn.Write{{Stream: "a", Expected: cairn.NoStream, Events: []cairn.Event{{Type: "t", Data: []byte("22")}}}}},
		{Writes: []cairn.Write{{Stream: "s", Expected: 7, Events: []cairn.Event{{Type: "t"}}}}},
		{Key: "k", Writes: []cairn.Write{{Stream: "b", Expected: cairn.Any, Events: []cairn.Event{{Type: "t"}}}}},
		{Key: "k", Writes: []cairn.Write{{Stream: "b", Expected: cairn.Any, Events: []cairn.Event{{Type: "t"}}}}},
	})
	if !errors.Is(outcomes[1].Err, cairn.ErrConflict) || !outcomes[3].Duplicate {
		t.Fatalf("outcomes %+v", outcomes)
	}
	if _, err := s.Append(t.Context(), "", cairn.Any); !errors.Is(err, cairn.ErrInvalid) {
		t.Fatal(err)
	}
	got := gather(t, in)
	got.want(t, `cairn_append_events_total`, 4)
	got.want(t, `cairn_append_bytes_total`, 10)
	got.want(t, `cairn_append_duplicates_total`, 2)
	got.want(t, `cairn_append_duration_seconds{operation="append"}`, 3)
	got.want(t, `cairn_append_duration_seconds{operation="commit"}`, 1)
	got.want(t, `cairn_append_duration_seconds{operation="commit_each"}`, 4)
	got.want(t, `cairn_errors_total{kind="conflict",operation="commit_each"}`, 1)
	got.want(t, `cairn_errors_total{kind="invalid",operation="append"}`, 1)
	got.want(t, `cairn_head_position`, 4)
	got.want(t, `cairn_commit_events`, 3)
	if got["cairn_commit_bytes_total"] <= 0 || got["cairn_commit_duration_seconds"] != 3 || got["cairn_commit_batches"] < 4 {
		t.Errorf("commits: %v", got)
	}
}

func TestFailedCommits(t *testing.T) {
	in := telemetry.New(telemetry.Options{})
	in.Commit(3, 0, 100, 0, cairn.ErrNoSpace)
	in.Commit(1, 0, 0, 0, nil)
	got := gather(t, in)
	got.want(t, `cairn_commit_failures_total`, 1)
	got.want(t, `cairn_commit_batches`, 2)
	got.want(t, `cairn_commit_duration_seconds`, 0)
	got.want(t, `cairn_commit_bytes_total`, 0)
}

func TestReads(t *testing.T) {
	in := telemetry.New(telemetry.Options{})
	s := memory(t, in)
	defer s.Close()
	for range 600 {
		must(t)(s.Append(t.Context(), "s", cairn.Any, cairn.Event{Type: "t", Data: []byte("1"), Metadata: []byte("2")}))
	}
	read := func(seq func(func(cairn.Recorded, error) bool), n int) {
		for _, err := range seq {
			if err != nil {
				t.Fatal(err)
			}
			if n--; n == 0 {
				break
			}
		}
	}
	read(s.ReadStream(t.Context(), "s", cairn.ReadOptions{}), -1)
	read(s.ReadStream(t.Context(), "none", cairn.ReadOptions{}), -1)
	read(s.ReadAll(t.Context(), cairn.AllOptions{}), 10)
	read(s.ReadAll(t.Context(), cairn.AllOptions{Query: cairn.ByType("t"), Limit: 3}), -1)
	read(s.ReadAll(t.Context(), cairn.AllOptions{NoSystem: true, Limit: 2}), -1)
	if _, err := cairn.Collect(s.ReadAll(t.Context(), cairn.AllOptions{Limit: -1})); !errors.Is(err, cairn.ErrInvalid) {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := cairn.Collect(s.ReadAll(ended, cairn.AllOptions{})); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	got := gather(t, in)
	got.want(t, `cairn_read_events_total{kind="stream"}`, 600)
	got.want(t, `cairn_read_bytes_total{kind="stream"}`, 1200)
	got.want(t, `cairn_read_events_total{kind="log"}`, 10)
	got.want(t, `cairn_read_events_total{kind="query"}`, 5)
	got.want(t, `cairn_read_duration_seconds{kind="stream"}`, 2)
	got.want(t, `cairn_read_first_event_duration_seconds{kind="stream"}`, 2)
	got.want(t, `cairn_read_first_event_duration_seconds{kind="query"}`, 2)
	got.want(t, `cairn_errors_total{kind="invalid",operation="read"}`, 1)
	for kind := range strings.FieldsSeq("corrupt no_space failed unknown_outcome") {
		n, ok := got[`cairn_errors_total{kind="`+kind+`",operation="read"}`]
		if !ok || n != 0 {
			t.Errorf("%s: %v, there %t; want it there at zero, so that an alarm sees the first one", kind, n, ok)
		}
	}
	if _, ok := got[`cairn_errors_total{kind="canceled",operation="read"}`]; ok {
		t.Error("a reader who has enough is counted as an error")
	}
}

// must fails the test if a call fails.
func must(t testing.TB) func(_ any, err error) {
	return func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}
