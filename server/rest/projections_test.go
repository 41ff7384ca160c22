package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
	"github.com/cairndb/cairn/storetest"
)

// reporting is a server of a store to which a projection has reported.
func reporting(t *testing.T, names ...string) *server {
	s := serve(t, storetest.NewReference(), options)
	s.put("order-1", "placed", "paid")
	for _, name := range names {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		p := projection.Projection[*memtarget.Tx]{
			Name: name, Tables: []string{"orders"}, Lanes: 2,
			Handler: projection.OnEvent(func(_ context.Context, tx *memtarget.Tx, e *projection.Event) error {
				tx.Set(e.Name("orders"), e.Stream, e.Type)
				return nil
			}, "placed", "paid"),
		}
		done := make(chan error, 1)
		go func() {
			done <- projection.Run(ctx, s.store, memtarget.New(), p, &projection.Options{Report: time.Millisecond})
		}()
		for _, err := range s.store.ReadAll(ctx, cairn.AllOptions{Follow: true, Query: cairn.Query{{Streams: []string{projection.ReportStream(name)}}}}) {
			if err != nil {
				t.Fatal(err)
			}
			status, err := projection.ReportedOf(ctx, s.store, name)
			if err != nil || status.Builds[0].Applied == 2 {
				break
			}
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	return s
}

func TestProjectionsOverHTTP(t *testing.T) {
	s := reporting(t, "b", "a", "c")
	type page struct {
		Projections []map[string]any
		Next        string
	}
	list := unmarshal[page](t, s.want(s.do("GET", "/projections?limit=2", ""), 200))
	if len(list.Projections) != 2 || list.Projections[0]["projection"] != "a" || list.Projections[1]["lag"] != 0.0 || list.Projections[1]["version"] != 1.0 || list.Next == "" {
		t.Fatalf("got %+v", list)
	}
	list = unmarshal[page](t, s.want(s.do("GET", strings.TrimPrefix(list.Next, api), ""), 200))
	if len(list.Projections) != 1 || list.Projections[0]["projection"] != "c" || list.Next != "" {
		t.Errorf("got %+v", list)
	}
	one := unmarshal[projection.Status](t, s.want(s.do("GET", "/projections/a", ""), 200))
	if b, ok := one.Build(1); !ok || one.Active != 1 || b.Applied != 2 || len(b.Lanes) != 2 || b.Phase != projection.Active {
		t.Errorf("got %+v", one)
	}
	one.Builds[0].Lag, one.Builds[0].Oldest = 1, time.Now().Add(-time.Hour)
	data, err := json.Marshal(one)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.Append(t.Context(), projection.ReportStream("a"), cairn.Any, cairn.Event{Type: "$projection-status", Data: data}); err != nil {
		t.Fatal(err)
	}
	list = unmarshal[page](t, s.want(s.do("GET", "/projections?limit=2", ""), 200))
	if seconds, _ := list.Projections[0]["lagSeconds"].(float64); seconds < 3600 || seconds > 4000 || list.Projections[1]["lagSeconds"] != 0.0 {
		t.Errorf("behind by an hour: %+v", list)
	}
	if got := unmarshal[projection.Status](t, s.want(s.do("GET", "/projections/a", ""), 200)); !got.Builds[0].Oldest.Equal(one.Builds[0].Oldest) {
		t.Errorf("got %+v", got)
	}
	s.problem(s.do("GET", "/projections/none", ""), 404, "not-found")
	for path, field := range map[string]string{"/projections?limit=0": "limit", "/projections?x": "x", "/projections/a?all": "all", "/projections/A": "name", "/projections/" + strings.Repeat("x", 2000): "projection"} {
		if p := s.problem(s.do("GET", path, ""), 400, "invalid"); p.Field != field {
			t.Errorf("%s: %+v", path, p)
		}
	}
}
