package rest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/rest"
	"github.com/cairndb/cairn/storetest"
)

// A failing store fails whatever it is asked, or reads after a few events.
type failing struct {
	cairn.Store
	err   error
	after int
}

func (f failing) Commit(context.Context, cairn.Batch) (cairn.BatchReceipt, error) {
	return cairn.BatchReceipt{}, f.err
}

func (f failing) ReadStream(ctx context.Context, stream string, o cairn.ReadOptions) iter.Seq2[cairn.Recorded, error] {
	return f.cut(f.Store.ReadStream(ctx, stream, o))
}

func (f failing) ReadAll(ctx context.Context, o cairn.AllOptions) iter.Seq2[cairn.Recorded, error] {
	return f.cut(f.Store.ReadAll(ctx, o))
}

func (f failing) cut(events iter.Seq2[cairn.Recorded, error]) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		left := f.after
		for e, err := range events {
			if left--; left < 0 || err != nil {
				break
			}
			if !yield(e, nil) {
				return
			}
		}
		yield(cairn.Recorded{}, f.err)
	}
}

var corrupt = &cairn.CorruptError{Path: "/secret/000001.log", Offset: 17, Problem: "checksum"}

// failures are the errors of a store that nobody who asks can help.
var failures = []struct {
	name   string
	err    error
	status int
	kind   string
	detail string
}{
	{"no space", fmt.Errorf("write /secret/000001.log: %w", cairn.ErrNoSpace), 507, "no-space", "nothing was stored"},
	{"read-only", cairn.ErrReadOnly, 403, "read-only", "takes no writes"},
	{"unknown outcome", fmt.Errorf("%w: sync /secret/000001.log", cairn.ErrUnknownOutcome), 500, "unknown-outcome", "send it again"},
	{"unknown outcome of a store that has failed", errors.Join(cairn.ErrFailed, cairn.ErrUnknownOutcome), 500, "unknown-outcome", "send it again"},
	{"corrupt", corrupt, 500, "corrupt", "its log says where"},
	{"closed", cairn.ErrClosed, 503, "unavailable", "closed"},
	{"failed", fmt.Errorf("%w: sync /secret/000001.log", cairn.ErrFailed), 503, "unavailable", "takes no writes until"},
	{"late", context.DeadlineExceeded, 503, "unavailable", "too long"},
	{"another", errors.New("open /secret/000001.log: too many files"), 500, "internal", "log says why"},
}

// TestFailures holds what each failure of a store is to a caller: a status, a
// kind, whether to come again, and nothing about the server's files, which its log
// tells instead.
func TestFailures(t *testing.T) {
	for _, f := range failures {
		t.Run(f.name, func(t *testing.T) {
			var log bytes.Buffer
			o := rest.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))}
			w := withStore(t, failing{storetest.NewReference(), f.err, 0}, o)
			w.put("s", "a")
			answers := []answer{
				w.do("POST", "/streams/s", anEvent), w.do("DELETE", "/streams/s", ""), w.do("PUT", "/streams/s/metadata", `{}`),
				w.do("POST", "/batches", `{"writes":[{"stream":"s","events":[`+anEvent+`]}]}`),
				w.do("POST", "/import", lineOf(1, "t", "T"), "Content-Type", lines),
			}
			if f.status != http.StatusInsufficientStorage { // which no read is in want of
				answers = append(answers,
					w.do("GET", "/streams/s", ""), w.do("GET", "/streams/s", "", "Accept", lines), w.do("GET", "/streams/s/0", ""),
					w.do("GET", "/events", ""), w.do("GET", "/events", "", "Accept", lines), w.do("GET", "/events/1", ""), w.do("GET", "/streams", ""),
				)
			}
			for _, a := range answers {
				p := w.problem(a, f.status, f.kind)
				if strings.Contains(a.body, "secret") || !strings.Contains(p.Detail, f.detail) {
					t.Errorf("the answer is %s", a.body)
				}
				if got, want := a.Header.Get("Retry-After"), f.status == 503; (got != "") != want || a.Header.Get("Cache-Control") != "no-store" {
					t.Errorf("Retry-After is %q, Cache-Control %q", got, a.Header.Get("Cache-Control"))
				}
			}
			if logged := log.String(); (f.status >= 500) != strings.Contains(logged, strings.ReplaceAll(f.err.Error(), "\n", `\n`)) {
				t.Errorf("logged %q", logged)
			}
		})
	}
}

// TestFollowerIsToldOfFailure holds that one that reads well is told why there is
// no more, and that one whose store closes is asked to come again.
func TestFollowerIsToldOfFailure(t *testing.T) {
	for err, want := range map[error]string{corrupt: "problem", cairn.ErrClosed: "closing"} {
		s := serve(t, failing{storetest.NewReference(), err, 2}, options)
		s.put("s", "a", "b", "c")
		for _, path := range []string{"/streams/s", "/events"} {
			l := s.listen(path)
			for range 2 {
				if m := l.next(); m.name != "message" {
					t.Fatalf("got %+v", m)
				}
			}
			if m := l.next(); m.name != want || strings.Contains(m.data, "secret") {
				t.Fatalf("got %+v, want %s", m, want)
			}
			l.wants("end")
		}
	}
}

// TestDumpIsCutOff holds that a dump that fails on its way has no good end.
func TestDumpIsCutOff(t *testing.T) {
	s := serve(t, failing{storetest.NewReference(), corrupt, 2}, options)
	s.put("s", "a", "b", "c")
	for _, path := range []string{"/streams/s", "/events"} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", s.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", lines)
		response, err := http.DefaultClient.Do(r)
		if err == nil {
			_, err = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
		if err == nil {
			t.Errorf("%s: the end of what was cut off looks like one", path)
		}
	}
}

func TestClosedStore(t *testing.T) {
	s := storetest.NewReference()
	w := withStore(t, s, options)
	s.Close()
	for _, path := range []string{"/info", "/streams/s", "/events"} {
		a := w.do("GET", path, "")
		if w.problem(a, 503, "unavailable"); a.Header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", path)
		}
	}
	w.problem(w.do("POST", "/streams/s", `{"type":"T"}`), 503, "unavailable")
}
