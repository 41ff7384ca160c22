package rest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/server/rest"
	"github.com/cairndb/cairn/storetest"
)

type deliveries struct {
	Deliveries []struct {
		ID       string
		Attempt  int
		Deadline time.Time
		Event    item
	}
}

// receive asks for deliveries until there are some.
func (s *server) receive(path, body string) deliveries {
	s.Helper()
	for {
		d := unmarshal[deliveries](s.T, s.want(s.do("POST", path+"/receive", body), 200))
		if len(d.Deliveries) > 0 {
			return d
		}
	}
}

// settle settles one delivery, and reports whether that counted.
func (s *server) settle(path, id, outcome string) bool {
	s.Helper()
	a := s.want(s.do("POST", path+"/settle", fmt.Sprintf(`{"settlements":[{"id":"%s",%s}]}`, id, outcome)), 200)
	d := unmarshal[struct {
		Settled int
		Lost    []string
	}](s.T, a)
	if d.Settled+len(d.Lost) != 1 || len(d.Lost) == 1 && d.Lost[0] != id {
		s.Errorf("got %s", a.body)
	}
	return d.Settled == 1
}

const acked = `"outcome":"ack"`

func TestReceivingOverHTTP(t *testing.T) {
	s := serve(t, storetest.NewReference(), options)
	s.put("a", "one", "two", "three", "four", "five")
	create := `{"group":{"attempts":3,"visibility":"1m"}}`
	expect := func(body, kind string, attempt int) string {
		t.Helper()
		d := s.receive("/groups/g", body).Deliveries
		if len(d) != 1 || d[0].Event.Type != kind || d[0].Attempt != attempt || time.Until(d[0].Deadline) < 10*time.Second {
			t.Fatalf("got %+v, want attempt %d at %s", d, attempt, kind)
		}
		return d[0].ID
	}
	id := expect(create, "one", 1)
	if !s.settle("/groups/g", id, acked) || s.settle("/groups/g", id, acked) || s.settle("/groups/g", "nonsense", acked) {
		t.Error("settled wrongly")
	}
	s.settle("/groups/g", expect(`{}`, "two", 1), `"outcome":"retry","after":"1ms"`)
	s.settle("/groups/g", expect(`{}`, "two", 2), `"outcome":"release"`)
	s.settle("/groups/g", expect(`{}`, "two", 2), `"outcome":"skip","reason":"not ours"`)
	s.settle("/groups/g", expect(`{}`, "three", 1), `"outcome":"retry"`)
	s.settle("/groups/g", expect(`{}`, "three", 2), acked)
	s.settle("/groups/g", expect(`{}`, "four", 1), `"outcome":"park","reason":"no address"`)
	p := s.problem(s.do("POST", "/groups/g/receive", `{"group":{"attempts":4}}`), 409, "conflict")
	if !strings.Contains(p.Detail, "other settings") {
		t.Errorf("got %+v", p)
	}
	s.problem(s.do("DELETE", "/groups/g", ""), 409, "conflict")
	d := unmarshal[deliveries](t, s.want(s.do("POST", "/groups/g/receive", `{"wait":"0s"}`), 200))
	if len(d.Deliveries) != 0 {
		t.Errorf("behind what is parked comes %+v", d)
	}
}

// What nobody settles is delivered again to whoever asks, and counts.
func TestWhatIsLostIsDeliveredAgain(t *testing.T) {
	s := serve(t, storetest.NewReference(), options)
	s.put("a", "one")
	first := s.receive("/groups/g", `{"group":{"visibility":"1s"}}`).Deliveries[0]
	second := s.receive("/groups/g", `{}`).Deliveries[0]
	if second.Attempt != 2 || second.ID == first.ID {
		t.Errorf("got %+v", second)
	}
	if s.settle("/groups/g", first.ID, acked) || !s.settle("/groups/g", second.ID, acked) {
		t.Error("settled wrongly")
	}
}

// A request that was given up leaves what it had, and that is no attempt.
func TestWhoLeavesGivesBack(t *testing.T) {
	s := serve(t, storetest.NewReference(), options)
	s.put("a", "one")
	d := s.receive("/groups/g", `{"group":{}}`).Deliveries[0]
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			r, err := http.NewRequestWithContext(s.Context(), "POST", s.url+"/groups/g/receive", strings.NewReader(`{"wait":"20ms"}`))
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Content-Type", asIs)
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			answer.Body.Close()
		})
	}
	all.Wait()
	s.settle("/groups/g", d.ID, `"outcome":"release"`)
	if again := s.receive("/groups/g", `{}`).Deliveries[0]; again.Attempt != 1 {
		t.Errorf("got %+v", again)
	}
}

// What waits for a request that does not come is given back, again and again,
// and is never parked for it.
func TestNobodyAsking(t *testing.T) {
	s := serve(t, storetest.NewReference(), rest.Options{ReceiverIdle: time.Hour})
	s.put("a", "one")
	s.put("b", "one")
	s.settle("/groups/g", s.receive("/groups/g", `{"limit":1,"group":{"visibility":"1s","attempts":1}}`).Deliveries[0].ID, acked)
	<-time.After(1500 * time.Millisecond) // longer than a delivery is visible
	if d := s.receive("/groups/g", `{}`).Deliveries[0]; d.Attempt != 1 || d.Event.Stream != "b" {
		t.Errorf("got %+v", d)
	}
}

func TestIdleReceiversLeave(t *testing.T) {
	s := serve(t, storetest.NewReference(), rest.Options{ReceiverIdle: time.Millisecond, MaxReceivers: 1})
	s.put("a", "one", "two")
	settings := `{"group":{"partitions":4}}`
	d := s.receive("/groups/g", settings).Deliveries[0]
	p := s.problem(s.do("POST", "/groups/h/receive", settings), 503, "busy")
	if !strings.Contains(p.Detail, "1 groups") {
		t.Errorf("got %+v", p)
	}
	s.settle("/groups/g", d.ID, acked)
	for {
		status, err := group.Status(t.Context(), s.store, "g")
		if err != nil {
			t.Fatal(err)
		}
		if len(status.Members) == 0 {
			break
		}
	}
	if d := s.receive("/groups/h", settings).Deliveries[0]; d.Event.Type != "one" {
		t.Errorf("got %+v", d)
	}
}

// A receiver ends with the server, and those who wait are told.
func TestReceiversEndWithTheServer(t *testing.T) {
	done := make(chan struct{})
	s := serve(t, storetest.NewReference(), rest.Options{Done: done})
	s.put("a", "one")
	s.receive("/groups/g", `{"group":{}}`)
	told := make(chan answer, 1)
	go func() { told <- s.do("POST", "/groups/g/receive", `{"wait":"1m"}`) }()
	close(done)
	select {
	case a := <-told:
		s.problem(a, 503, "unavailable")
	case <-time.After(deadline):
		t.Fatal("nobody was told")
	}
	s.handler.(*rest.Handler).Close()
	s.problem(s.do("POST", "/groups/g/receive", `{}`), 503, "unavailable")
	if status, err := group.Status(t.Context(), s.store, "g"); err != nil || len(status.Members) != 0 {
		t.Errorf("got %+v, %v", status.Members, err)
	}
}

// Many at once get each event once, in order for each stream.
func TestManyReceive(t *testing.T) {
	s := serve(t, storetest.NewReference(), options)
	const streams, each = 8, 20
	var kinds []string
	for i := range each {
		kinds = append(kinds, fmt.Sprintf("%02d", i))
	}
	for i := range streams {
		s.put(fmt.Sprint("s", i), kinds...)
	}
	var mu sync.Mutex
	got, n := map[string][]string{}, 0
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for {
				mu.Lock()
				over := n == streams*each
				mu.Unlock()
				if over || t.Failed() {
					return
				}
				d := unmarshal[deliveries](t, s.do("POST", "/groups/g/receive", `{"limit":5,"wait":"100ms","group":{}}`))
				for _, d := range d.Deliveries {
					mu.Lock()
					got[d.Event.Stream] = append(got[d.Event.Stream], d.Event.Type)
					n++
					mu.Unlock()
					if !s.settle("/groups/g", d.ID, acked) {
						t.Errorf("%s is lost", d.ID)
					}
				}
			}
		})
	}
	all.Wait()
	for i := range streams {
		if !slices.Equal(got[fmt.Sprint("s", i)], kinds) {
			t.Errorf("stream %d: %v", i, got[fmt.Sprint("s", i)])
		}
	}
}
