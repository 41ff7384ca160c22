package rest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/rest"
)

// benchServer serves a store in memory.
func benchServer(b *testing.B) (cairn.Store, string) {
	b.Helper()
	store, err := disk.OpenMemory(nil)
	if err != nil {
		b.Fatal(err)
	}
	s := httptest.NewServer(rest.New(store, access.Open(), options))
	b.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		s.Close()
		_ = store.Close()
	})
	return store, s.URL + api
}

// send sends a request and reads the answer to its end.
func send(b *testing.B, method, url, body, accept string) int64 {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), method, url, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", asIs)
	r.Header.Set("Accept", accept)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	n, err := io.Copy(io.Discard, response.Body)
	if err != nil || response.StatusCode >= 300 {
		b.Fatalf("%s %s: %s, %v", method, url, response.Status, err)
	}
	return n
}

// BenchmarkAppend appends one event after the other on one connection.
func BenchmarkAppend(b *testing.B) {
	_, url := benchServer(b)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		send(b, "POST", fmt.Sprintf("%s/streams/order-%d", url, n%1000), `{"type":"order.placed","data":{"total":12,"customer":"ann"}}`, "*/*")
	}
}

// BenchmarkReadLog reads 100,000 events as lines, and a page of 1,000.
func BenchmarkReadLog(b *testing.B) {
	store, url := benchServer(b)
	events := make([]cairn.Event, 1000)
	for i := range events {
		events[i] = cairn.Event{Type: "order.placed", Data: []byte(`{"total":12,"customer":"ann"}`)}
	}
	for n := range 100 {
		if _, err := store.Append(b.Context(), fmt.Sprintf("order-%d", n), cairn.NoStream, events...); err != nil {
			b.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		path, accept string
		events       int
	}{
		"lines": {"/events", lines, 100_000},
		"page":  {"/events?limit=1000", asIs, 1000},
		"cloud": {"/events?limit=1000", clouds, 1000},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.SetBytes(send(b, "GET", url+c.path, "", c.accept))
			}
			b.ReportMetric(float64(c.events*b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
