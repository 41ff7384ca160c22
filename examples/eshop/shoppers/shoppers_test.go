package shoppers

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A stall is a shop that sells three things and remembers who did what.
type stall struct {
	mu     sync.Mutex
	visits map[string][]string // by cookie, which tells shoppers apart
	url    string
	orders int
	on     func(what string) (status int)
}

func open(t *testing.T) *stall {
	s := &stall{visits: map[string][]string{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *stall) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.ParseForm()
	status := s.note(w, r)
	w.WriteHeader(status)
	if status == http.StatusOK {
		io.WriteString(w, `<a href="/products/tent"> <a href="/products/map"> <a href="/products/tent">
			<a href="/?category=Light%20and%20tools"> <a href="/?category=Sleep"> <input name="order" value="o1">`)
	}
}

func (s *stall) note(w http.ResponseWriter, r *http.Request) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	what := r.Method + " " + r.URL.RequestURI() + " " + r.PostForm.Encode()
	c, err := r.Cookie("who")
	if err != nil {
		c = &http.Cookie{Name: "who", Value: fmt.Sprint(len(s.visits))}
		http.SetCookie(w, c)
	}
	s.visits[c.Value] = append(s.visits[c.Value], what)
	if r.URL.Path == "/checkout" {
		s.orders++
	}
	if s.on != nil {
		return s.on(what)
	}
	return http.StatusOK
}

// all is what the shoppers did, in an order that has nothing to do with who came
// first.
func (s *stall) all() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.visits {
		all = append(all, strings.Join(v, "\n"))
	}
	slices.Sort(all)
	return all
}

func crowd(url string) Options {
	return Options{URL: url, Shoppers: 60, Rate: 1000, AtOnce: 8, Seed: 7, Logger: slog.New(slog.DiscardHandler)}
}

// Two crowds of one seed do the same, one by one or all together; those of
// another seed do not.
func TestSeed(t *testing.T) {
	var did [3][]string
	var reports [3]Report
	for i := range did {
		s := open(t)
		o := crowd(s.url)
		o.AtOnce = []int{8, 1, 8}[i]
		o.Seed = []uint64{7, 7, 8}[i]
		var err error
		if reports[i], err = Run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		did[i] = s.all()
	}
	if !reflect.DeepEqual(did[0], did[1]) || reports[0] != reports[1] {
		t.Errorf("the same seed: %v and %v", reports[0], reports[1])
	}
	if reflect.DeepEqual(did[0], did[2]) {
		t.Error("another seed made the same crowd")
	}
}

// The report says what the shop has seen, and of everything there is some.
func TestReport(t *testing.T) {
	s := open(t)
	r, err := Run(t.Context(), crowd(s.url))
	if err != nil {
		t.Fatal(err)
	}
	seen := strings.Join(s.all(), "\n")
	for what, n := range map[string]int{"POST /checkout ": r.Orders, "/cancel ": r.Cancelled, "/reviews ": r.Reviews} {
		if n == 0 || strings.Count(seen, what) != n {
			t.Errorf("%s: reported %d, seen %d", what, n, strings.Count(seen, what))
		}
	}
	if r.Shoppers != 60 || len(s.visits) != 60 || r.Failed != 0 || r.Orders+r.Abandoned != 60 {
		t.Errorf("report %v of %d visits", r, len(s.visits))
	}
	for _, want := range []string{"GET /?category=Light+and+tools", "quantity=0", "/orders/o1/history", "stars="} {
		if !strings.Contains(seen, want) {
			t.Errorf("nobody did %s", want)
		}
	}
}

// A shop that fails has its customers leave, and is told about; one that says no
// to a cancellation has not failed.
func TestFailing(t *testing.T) {
	s := open(t)
	s.on = func(what string) int {
		switch {
		case strings.HasPrefix(what, "POST /checkout"):
			return http.StatusServiceUnavailable
		case strings.Contains(what, "/cancel"):
			return http.StatusConflict
		}
		return http.StatusOK
	}
	r, err := Run(t.Context(), crowd(s.url))
	if err != nil || r.Orders != 0 || r.Failed != s.orders || r.Failed == 0 || r.Failed+r.Abandoned != 60 {
		t.Errorf("report %v of %d orders, %v", r, s.orders, err)
	}
	s.on = func(what string) int {
		if strings.Contains(what, "/cancel") {
			return http.StatusConflict
		}
		return http.StatusOK
	}
	if r, err := Run(t.Context(), crowd(s.url)); err != nil || r.Failed != 0 || r.Cancelled != 0 {
		t.Errorf("report %v, %v", r, err)
	}
}

// When the crowd is told to go, nobody comes any more, what was begun is finished,
// and nothing else is begun.
func TestEnd(t *testing.T) {
	s := open(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := false
	s.on = func(what string) int {
		if ended {
			t.Errorf("after the end: %s", what)
		}
		if strings.HasPrefix(what, "POST /checkout") {
			stop()
			ended = true
		}
		return http.StatusOK
	}
	o := crowd(s.url)
	o.Shoppers, o.AtOnce = 0, 1
	r, err := Run(ctx, o)
	if err != nil || r.Orders != 1 || r.Failed != 0 || r.Shoppers != len(s.visits) {
		t.Errorf("report %v of %d visits, %v", r, len(s.visits), err)
	}
}

func TestOptions(t *testing.T) {
	for name, o := range map[string]Options{
		"url": {}, "rate": {URL: "x", Rate: 1001}, "negative": {URL: "x", Rate: -1}, "at once": {URL: "x", AtOnce: 1001}, "shoppers": {URL: "x", Shoppers: -1},
	} {
		if _, err := Run(t.Context(), o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
