package kurrent_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/proto/kurrentv2"
	"github.com/cairndb/cairn/server/kurrent"
)

// TestAppendRecordsMatrix compares what a stream is expected to be with what it
// is, for streams that are written and for those that are only checked.
func TestAppendRecordsMatrix(t *testing.T) {
	const ok = cairn.Revision(-100)
	states := []string{"missing", "live", "deleted", "tombstoned"}
	for _, row := range []struct {
		expected         cairn.Revision
		written, checked [4]cairn.Revision // what the violation says, by state
	}{
		{cairn.Any, [4]cairn.Revision{ok, ok, ok, -6}, [4]cairn.Revision{ok, ok, ok, ok}},
		{cairn.NoStream, [4]cairn.Revision{ok, 2, ok, -6}, [4]cairn.Revision{ok, 2, ok, ok}},
		{cairn.StreamExists, [4]cairn.Revision{-1, ok, -5, -6}, [4]cairn.Revision{-1, ok, -5, -6}},
		{cairn.SoftDeleted, [4]cairn.Revision{-1, 2, ok, -6}, [4]cairn.Revision{-1, 2, ok, -6}},
		{cairn.Tombstoned, [4]cairn.Revision{-1, 2, 2, -6}, [4]cairn.Revision{-1, 2, 2, ok}},
		{0, [4]cairn.Revision{-1, 2, 2, -6}, [4]cairn.Revision{-1, 2, 2, -6}},
		{2, [4]cairn.Revision{-1, ok, ok, -6}, [4]cairn.Revision{-1, ok, ok, -6}},
		{7, [4]cairn.Revision{-1, 2, 2, -6}, [4]cairn.Revision{-1, 2, 2, -6}},
	} {
		for i, state := range states {
			for _, written := range []bool{true, false} {
				t.Run(fmt.Sprintf("%v,%s,written=%v", row.expected, state, written), func(t *testing.T) {
					p := newPeer(t, kurrent.Options{})
					p.make("s", state)
					want, stream := row.checked[i], "other"
					if written {
						want, stream = row.written[i], "s"
					}
					var checks []*kurrentv2.ConsistencyCheck
					if row.expected != cairn.Any {
						checks = append(checks, at("s", row.expected))
					}
					before := p.head()
					_, err := p.records([]*kurrentv2.AppendRecord{record(stream, "x")}, checks...)
					if want == ok {
						if err != nil || p.head() == before {
							t.Fatalf("got %v, head %d behind %d", err, p.head(), before)
						}
						return
					}
					p.wantViolations(err, fmt.Sprintf("[0 s %d %d]", row.expected, want))
					if p.head() != before {
						t.Errorf("something was stored")
					}
				})
			}
		}
	}
}

func (p *peer) head() cairn.Position {
	p.Helper()
	info, err := p.store.Info(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	return info.Head
}

// TestAppendRecordsTellsAllViolations: in the order of the checks, the implicit
// ones of streams that are only written behind them.
func TestAppendRecordsTellsAllViolations(t *testing.T) {
	for name, tt := range map[string]struct {
		records []*kurrentv2.AppendRecord
		checks  []*kurrentv2.ConsistencyCheck
		want    string
	}{
		"several": {
			[]*kurrentv2.AppendRecord{record("missing", "x")},
			[]*kurrentv2.ConsistencyCheck{at("live", 1), at("missing", cairn.NoStream), at("deleted", cairn.StreamExists), at("dead", 0)},
			"[0 live 1 2] [2 deleted -4 -5] [3 dead 0 -6]",
		},
		"of written and others": {
			[]*kurrentv2.AppendRecord{record("live", "x")},
			[]*kurrentv2.ConsistencyCheck{at("deleted", cairn.Tombstoned), at("live", 2), at("missing", 5)},
			"[0 deleted -6 2] [2 missing 5 -1]",
		},
		"an unchecked target": {
			[]*kurrentv2.AppendRecord{record("live", "x"), record("dead", "y")},
			[]*kurrentv2.ConsistencyCheck{at("missing", 5)},
			"[0 missing 5 -1] [2 dead -2 -6]",
		},
		"several unchecked targets": {
			[]*kurrentv2.AppendRecord{record("dead", "x"), record("live", "y"), record("gone", "z")},
			nil,
			"[0 dead -2 -6] [2 gone -2 -6]",
		},
		"a target deleted softly": {
			[]*kurrentv2.AppendRecord{record("deleted", "x"), record("live", "x")},
			[]*kurrentv2.ConsistencyCheck{at("live", 0), at("deleted", cairn.StreamExists)},
			"[0 live 0 2] [1 deleted -4 -5]",
		},
		"interleaved": {
			[]*kurrentv2.AppendRecord{record("live", "x"), record("missing", "y"), record("live", "z")},
			[]*kurrentv2.ConsistencyCheck{at("live", 9)},
			"[0 live 9 2]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t, kurrent.Options{})
			p.make("live", "live")
			p.make("deleted", "deleted")
			p.make("dead", "tombstoned")
			p.make("gone", "tombstoned")
			_, err := p.records(tt.records, tt.checks...)
			p.wantViolations(err, tt.want)
		})
	}
}

func (p *peer) wantViolations(err error, want string) {
	p.Helper()
	detail := new(kurrentv2.AppendConsistencyViolation)
	p.wantTyped(err, codes.FailedPrecondition, "streams APPEND_CONSISTENCY_VIOLATION",
		"kurrentdb.protocol.v2.streams.errors.AppendConsistencyViolationErrorDetails", detail)
	var got []string
	for _, v := range detail.GetViolations() {
		s := v.GetStreamState()
		got = append(got, fmt.Sprintf("[%d %s %d %d]", v.GetCheckIndex(), s.GetStream(), s.GetExpectedState(), s.GetActualState()))
	}
	if strings.Join(got, " ") != want {
		p.Errorf("violations are %v, want %s", got, want)
	}
}

// TestManyViolations: what goes into a trailer stays small.
func TestManyViolations(t *testing.T) {
	p := newPeer(t, kurrent.Options{})
	var checks []*kurrentv2.ConsistencyCheck
	for i := range cairn.MaxConditions {
		checks = append(checks, at(strings.Repeat("s", 1000)+fmt.Sprint(i), 0))
	}
	_, err := p.records([]*kurrentv2.AppendRecord{record("s", "x")}, checks...)
	detail := new(kurrentv2.AppendConsistencyViolation)
	p.wantTyped(err, codes.FailedPrecondition, "streams APPEND_CONSISTENCY_VIOLATION",
		"kurrentdb.protocol.v2.streams.errors.AppendConsistencyViolationErrorDetails", detail)
	if n, size := len(detail.GetViolations()), proto.Size(detail); n < 10 || size > 20<<10 {
		t.Errorf("%d violations in %d bytes", n, size)
	}
}

// TestAppendRecordsKeepsOrder: records of several streams in turn.
func TestAppendRecordsKeepsOrder(t *testing.T) {
	p := newPeer(t, kurrent.Options{})
	got, err := p.records([]*kurrentv2.AppendRecord{
		record("a", "1"), record("b", "2"), record("a", "3"), record("b", "4"), record("a", "5"),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := &kurrentv2.AppendRecordsResponse{Position: 5, Revisions: []*kurrentv2.StreamRevision{
		{Stream: "a", Revision: 2}, {Stream: "b", Revision: 1},
	}}
	if !proto.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	var types []string
	for e, err := range p.store.ReadAll(t.Context(), cairn.AllOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		types = append(types, e.Stream+e.Type)
	}
	if want := []string{"a1", "b2", "a3", "b4", "a5"}; !slices.Equal(types, want) {
		t.Errorf("the log holds %v, want %v", types, want)
	}
}

// TestAppendRecordsAgain: a repeated append gets the first answer, also when a
// stream that was only checked has changed since.
func TestAppendRecordsAgain(t *testing.T) {
	for name, expected := range map[string]cairn.Revision{"no stream": cairn.NoStream, "revision": 2, "unchecked": cairn.Any} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t, kurrent.Options{})
			if expected >= 0 {
				p.make("s", "live")
			}
			p.make("checked", "live")
			records := withID(record("s", "1"), record("t", "2"), record("s", "3"))
			checks := []*kurrentv2.ConsistencyCheck{at("checked", 2)}
			if expected != cairn.Any {
				checks = append(checks, at("s", expected))
			}
			first, err := p.records(records, checks...)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.store.Append(t.Context(), "checked", 2, cairn.Event{Type: "more"}); err != nil {
				t.Fatal(err)
			}
			head := p.head()
			again, err := p.records(records, checks...)
			if err != nil || !proto.Equal(first, again) {
				t.Errorf("got %v, %v; the first answer was %v", again, err, first)
			}
			if p.head() != head {
				t.Errorf("something was stored again")
			}
		})
	}
}

// TestRecordsAreStored: what the store holds of a record.
func TestRecordsAreStored(t *testing.T) {
	for name, tt := range map[string]struct {
		format kurrentv2.SchemaFormat
		want   cairn.Format
		text   string
	}{
		"json":     {kurrentv2.SchemaFormat_SCHEMA_FORMAT_JSON, cairn.JSON, "Json"},
		"protobuf": {kurrentv2.SchemaFormat_SCHEMA_FORMAT_PROTOBUF, cairn.Protobuf, "Protobuf"},
		"avro":     {kurrentv2.SchemaFormat_SCHEMA_FORMAT_AVRO, cairn.Avro, "Avro"},
		"bytes":    {kurrentv2.SchemaFormat_SCHEMA_FORMAT_BYTES, cairn.Binary, "Bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t, kurrent.Options{})
			r := withID(record("s", "Order.Placed"))[0]
			r.Schema.Format = tt.format
			r.Schema.Id = new("00000000-0000-7000-8000-000000000001")
			r.Properties = properties(map[string]any{"user": "<ann>", "n": 7.0, "deep": map[string]any{"list": []any{nil, true}}})
			if _, err := p.records([]*kurrentv2.AppendRecord{r}); err != nil {
				t.Fatal(err)
			}
			e := p.read("s")[0]
			if e.ID.String() != r.GetRecordId() || e.Type != "Order.Placed" || e.Format != tt.want || !bytes.Equal(e.Data, r.GetData()) {
				t.Errorf("stored is %+v", e.Event)
			}
			want := `{"$schema.format":"` + tt.text + `","$schema.id":"00000000-0000-7000-8000-000000000001",` +
				`"$schema.name":"Order.Placed","deep":{"list":[null,true]},"n":7,"user":"<ann>"}`
			if string(e.Metadata) != want {
				t.Errorf("metadata is %s, want %s", e.Metadata, want)
			}
		})
	}
}
