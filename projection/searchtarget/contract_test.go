package searchtarget_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/searchtarget"
)

// A recorded is a conversation: requests and answers, and what the client shall make
// of it.
type recorded struct {
	name      string
	exchanges []exchange
	outcome   string
}

type exchange struct {
	request, body string
	status        int
	answer        string
}

// recordings reads a file of testdata.
func recordings(t *testing.T, file string) (all []recorded) {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file)
	must(t, err)
	var into *string
	for _, line := range strings.Split(string(b), "\n") {
		mark, rest, _ := strings.Cut(line, " ")
		last := len(all) - 1
		switch {
		case mark == "#" || line == "":
		case mark == "==":
			all = append(all, recorded{name: rest})
		case mark == ">":
			all[last].exchanges = append(all[last].exchanges, exchange{request: rest})
			into = &all[last].exchanges[len(all[last].exchanges)-1].body
		case mark == "<":
			e := &all[last].exchanges[len(all[last].exchanges)-1]
			_, err := fmt.Sscan(rest, &e.status)
			must(t, err)
			into = &e.answer
		case mark == "=":
			all[last].outcome = rest
		default:
			*into += line + "\n"
		}
	}
	return all
}

// replay plays the server's part of a conversation, and returns a target to play the
// other one.
func replay(t *testing.T, c recorded) *searchtarget.Target {
	left := c.exchanges
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(left) == 0 {
			t.Errorf("%s %s was not expected", r.Method, r.URL)
			w.WriteHeader(http.StatusTeapot)
			return
		}
		e := left[0]
		left = left[1:]
		equal(t, "request", r.Method+" "+r.URL.RequestURI(), e.request)
		equal(t, "body", strings.TrimSpace(string(readAll(r))), strings.TrimSpace(e.body))
		w.WriteHeader(e.status)
		fmt.Fprint(w, strings.TrimSpace(e.answer))
	}))
	t.Cleanup(func() {
		s.Close()
		if len(left) > 0 {
			t.Errorf("%d requests did not come, the first %s", len(left), left[0].request)
		}
	})
	target, err := searchtarget.New(s.URL, &searchtarget.Options{Refresh: searchtarget.Stored})
	must(t, err)
	return target
}

// check compares an error with the outcome that was recorded.
func (c recorded) check(t *testing.T, target *searchtarget.Target, err error) {
	t.Helper()
	what, text, _ := strings.Cut(c.outcome, ": ")
	var failed *projection.EventError
	got := ""
	switch {
	case err == nil:
		got = "ok"
	case errors.Is(err, projection.ErrMoved):
		got = "moved"
	case errors.As(err, &failed):
		got = fmt.Sprintf("event %d", failed.Position)
		equal(t, "fault", target.Fault(err), projection.FaultEvent)
	default:
		got = target.Fault(err).String()
	}
	if got != what || err != nil && !strings.Contains(err.Error(), text) {
		t.Errorf("%v (%s), want %s", err, got, c.outcome)
	}
}

func TestRecordedBulk(t *testing.T) {
	const empty = `{"_index":"cairn_projection","_id":"ledger","_version":1,"_seq_no":1,"_primary_term":1,"found":true,"_source":{"entries":{}}}`
	read := exchange{"GET /cairn_projection/_doc/ledger", "", 200, empty}
	for _, c := range recordings(t, "bulk.txt") {
		t.Run(c.name, func(t *testing.T) {
			c.exchanges = append([]exchange{read}, c.exchanges...)
			if c.outcome == "ok" {
				c.exchanges = append(c.exchanges, read, exchange{"PUT /cairn_projection/_doc/ledger?if_seq_no=1&if_primary_term=1", `{"entries":{"a":"1"}}`, 200, `{"result":"updated"}`})
			}
			target := replay(t, c)
			c.check(t, target, target.Update(t.Context(), move("a", "", "1"), three))
		})
	}
}

func three(_ context.Context, tx tx) error {
	return errors.Join(tx.Index(5, "row", "a", row{"a", 1}), tx.Index(6, "row", "b", row{"b", 2}), tx.Delete(7, "row", "c"))
}

func TestRecordedLedger(t *testing.T) {
	for _, c := range recordings(t, "ledger.txt") {
		t.Run(c.name, func(t *testing.T) {
			target := replay(t, c)
			c.check(t, target, target.Apply(t.Context(), move("a", "1", "2")))
		})
	}
}
