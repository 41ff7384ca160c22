package searchtarget_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/cairndb/cairn/projection"
)

// aliased is how many of the names of two tables are aliases.
func (s *server) aliased(t *testing.T) (n int) {
	t.Helper()
	for _, name := range tables {
		if s.call(t, t.Context(), "GET", "_alias/"+s.prefix+name, nil, nil) == http.StatusOK {
			n++
		}
	}
	return n
}

// Aliases go, and nothing else: indices of builds, of somebody's own, other aliases.
func TestWithdraw(t *testing.T) {
	each(t, func(t *testing.T, open func(testing.TB) *server) {
		s := open(t)
		target := s.target(t, nil)
		builds(t, s, target)
		must(t, target.Update(t.Context(), projection.Change{}, making("mine", "other_b1")))
		must(t, target.Publish(t.Context(), move("p", "1", "2"), append([]string{"other"}, tables...), projection.Names{Build: 1}))
		if err := target.Withdraw(t.Context(), move("p", "1", "3"), tables); !errors.Is(err, projection.ErrMoved) {
			t.Errorf("got %v, want ErrMoved", err)
		}
		equal(t, "seen", s.seen(t), "1 1")
		for i := range 3 { // the second and third have nothing to do
			names := []string{"row", "mine", "never", "*", "o*", "other,sum", "_all", "<other>", "sum"}
			must(t, target.Withdraw(t.Context(), move("p", value(i+2), value(i+3)), names))
			equal(t, "aliases", s.aliased(t), 0)
		}
		for _, name := range []string{"row_b1", "sum_b1", "row_b3", "mine", "other"} {
			if _, err := s.rows(t, t.Context(), name); err != nil {
				t.Error(err)
			}
		}
		must(t, target.Discard(t.Context(), move("p", "5", "6"), tables, projection.Names{Build: 1}))
		must(t, target.Publish(t.Context(), move("p", "6", "7"), tables, projection.Names{Build: 3}))
		equal(t, "seen", s.seen(t), "3 3")
	})
}

// Whoever withdraws and dies at any request leaves something that the next one
// completes or knows nothing of: both aliases stand, or none does and the entry says
// so.
func TestWithdrawDies(t *testing.T) {
	for dies, died := 0, true; died; dies++ {
		for _, when := range []string{"before", "behind"} {
			s := imitation(t)
			target := s.target(t, nil)
			builds(t, s, target)
			must(t, target.Publish(t.Context(), move("p", "1", "2"), tables, projection.Names{Build: 1}))
			n := 0
			died = false
			s.fake.hook = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
				if n++; n-1 != dies {
					return died
				}
				if died = true; when == "behind" {
					s.fake.answer(&nowhere{}, r, body)
				}
				w.WriteHeader(http.StatusBadGateway)
				return true
			}
			err := target.Withdraw(t.Context(), move("p", "2", "3"), tables)
			s.fake.hook = nil
			if died && (err == nil || target.Fault(err) != projection.FaultDown) {
				t.Errorf("died %s request %d: %v", when, dies, err)
			}
			next := s.target(t, nil)
			entries, err := next.Entries(t.Context(), "p")
			must(t, err)
			equal(t, fmt.Sprint("aliases after dying ", when, " request ", dies), s.aliased(t), map[string]int{"2": 2, "3": 0}[entries[0].Value])
			err = next.Withdraw(t.Context(), move("p", "2", "3"), tables)
			if moved := errors.Is(err, projection.ErrMoved); moved != (entries[0].Value == "3") || err != nil && !moved {
				t.Errorf("withdrawing after dying %s request %d: %v", when, dies, err)
			}
			equal(t, "aliases", s.aliased(t), 0)
		}
		if !died && dies < 5 {
			t.Errorf("withdrawing has %d requests", dies)
		}
	}
}
