package searchtarget_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/searchtarget"
)

func builds(t *testing.T, s *server, target *searchtarget.Target) {
	t.Helper()
	must(t, target.Update(t.Context(), move("p", "", "1"), func(ctx context.Context, tx tx) error {
		for b := 1; b < 4; b++ {
			for _, table := range []string{"row", "sum"} {
				name := projection.Names{Build: b}.Name(table)
				if err := making(name)(ctx, tx); err != nil {
					return err
				}
				if err := tx.Index(1, name, "x", row{"x", b}); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// seen is the build that readers see, of two tables.
func (s *server) seen(t *testing.T) string {
	t.Helper()
	row, err := s.rows(t, t.Context(), "row")
	must(t, err)
	sum, err := s.rows(t, t.Context(), "sum")
	must(t, err)
	return fmt.Sprint(row["x"], sum["x"])
}

var tables = []string{"row", "sum"}

// A publisher that dies at any request leaves something that the next one completes
// or knows nothing of; readers never see a mixture.
func TestPublishDies(t *testing.T) {
	for dies := 0; ; dies++ {
		s := imitation(t)
		target := s.target(t, nil)
		builds(t, s, target)
		must(t, target.Publish(t.Context(), move("p", "1", "2"), tables, projection.Names{Build: 1}))
		n, died := 0, false
		for _, when := range []string{"before", "behind"} {
			n, died = 0, false
			s.fake.hook = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
				n++
				if n-1 != dies {
					return died
				}
				if died = true; when == "behind" {
					s.fake.answer(&nowhere{}, r, body)
				}
				w.WriteHeader(http.StatusBadGateway)
				return true
			}
			err := target.Publish(t.Context(), move("p", "2", "3"), tables, projection.Names{Build: 2})
			s.fake.hook = nil
			if died && (err == nil || target.Fault(err) != projection.FaultDown) {
				t.Errorf("died %s request %d: %v", when, dies, err)
			}
			next := s.target(t, nil)
			entries, err := next.Entries(t.Context(), "p")
			must(t, err)
			want := map[string]string{"2": "1 1", "3": "2 2"}[entries[0].Value]
			equal(t, fmt.Sprint("seen after dying ", when, " request ", dies), s.seen(t), want)
			if err := next.Publish(t.Context(), move("p", "2", "3"), tables, projection.Names{Build: 2}); entries[0].Value == "2" {
				must(t, err)
			} else if !errors.Is(err, projection.ErrMoved) {
				t.Error(err)
			}
			equal(t, "seen", s.seen(t), "2 2")
			must(t, next.Publish(t.Context(), move("p", "3", "2"), tables, projection.Names{Build: 1}))
		}
		if !died {
			if dies < 5 {
				t.Errorf("publishing has %d requests", dies)
			}
			return
		}
	}
}

// nowhere is where an answer goes that nobody gets.
type nowhere struct{}

func (n *nowhere) Header() http.Header         { return http.Header{} }
func (n *nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n *nowhere) WriteHeader(int)             {}

// A request that moves aliases and arrives late, after others have completed it and
// published something else, moves nothing.
func TestLateRequest(t *testing.T) {
	each(t, func(t *testing.T, open func(testing.TB) *server) {
		s := open(t)
		target := s.target(t, nil)
		builds(t, s, target)
		var late [][]byte
		recording := s.target(t, func(o *searchtarget.Options) {
			o.Client = &http.Client{Transport: tap(func(r *http.Request, body []byte) {
				if strings.HasSuffix(r.URL.Path, "_aliases") {
					late = append(late, body)
				}
			})}
		})
		for n, b := range []int{1, 2, 3} {
			must(t, recording.Publish(t.Context(), move("p", value(n+1), value(n+2)), tables, projection.Names{Build: b}))
		}
		for _, body := range late[:2] {
			if status := s.call(t, t.Context(), "POST", "_aliases", json.RawMessage(body), nil); status < 300 {
				t.Errorf("the server takes %s late", body)
			}
		}
		equal(t, "seen", s.seen(t), "3 3")
	})
}

// A tap looks at requests.
type tap func(*http.Request, []byte)

func (see tap) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		copied := *r
		copied.Body = body
		see(r, readAll(&copied))
	}
	return http.DefaultTransport.RoundTrip(r)
}

// What the server refuses for good is called off: it stands in nobody's way.
func TestPublishRefused(t *testing.T) {
	each(t, func(t *testing.T, open func(testing.TB) *server) {
		s := open(t)
		target := s.target(t, nil)
		builds(t, s, target)
		err := target.Publish(t.Context(), move("p", "1", "2"), tables, projection.Names{Build: 9})
		equal(t, fmt.Sprint("fault of ", err), target.Fault(err), projection.FaultSetup)
		must(t, target.Update(t.Context(), projection.Change{}, making("plain", "plain_b1")))
		err = target.Publish(t.Context(), move("p", "1", "2"), []string{"plain"}, projection.Names{Build: 1})
		equal(t, fmt.Sprint("fault of ", err), target.Fault(err), projection.FaultSetup)
		must(t, target.Publish(t.Context(), move("p", "1", "2"), []string{"plain"}, projection.Names{}))
		must(t, target.Publish(t.Context(), move("p", "2", "3"), tables, projection.Names{Build: 3}))
		equal(t, "seen", s.seen(t), "3 3")
		err = target.Discard(t.Context(), move("p", "3", "4"), tables, projection.Names{Build: 3})
		if !errors.Is(err, searchtarget.ErrPublished) || target.Fault(err) != projection.FaultSetup {
			t.Errorf("%v, want ErrPublished", err)
		}
		must(t, target.Discard(t.Context(), move("p", "3", "4"), tables, projection.Names{Build: 2}))
		must(t, target.Discard(t.Context(), move("p", "4", "5"), tables, projection.Names{Build: 2}))
		equal(t, "seen", s.seen(t), "3 3")
		if status := s.call(t, t.Context(), "POST", s.prefix+"row_b2/_refresh", nil, nil); status != 404 {
			t.Errorf("build 2 is there still: %d", status)
		}
	})
}
