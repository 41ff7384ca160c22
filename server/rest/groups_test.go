package rest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/component"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/storetest"
)

// parking is a store with a group that has parked the two events of order-2.
func parking(t *testing.T) *server {
	s := serve(t, storetest.NewReference(), options)
	s.put("order-1", "placed")
	s.put("order-2", "placed", "paid")
	s.put("order-3", "placed")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	o := group.Options{Query: cairn.ByCategory("order"), Partitions: 2, Workers: 1, About: component.About{Kind: "mailer", Service: "post", Writes: []string{"letter"}}}
	enough := func() {
		if n++; n == 3 {
			cancel()
		}
	}
	o.OnSettled = func(*cairn.Recorded, int) { enough() }
	o.OnParked = func(*cairn.Recorded, int, error) { enough() }
	err := group.Run(ctx, s.store, "a/b c", o, func(_ context.Context, e cairn.Recorded) error {
		if e.Stream == "order-2" {
			return group.Park(errors.New("no address"))
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	return s
}

type groupDocument struct {
	Group                              string
	Position, ParkedKeys, ParkedEvents int
	Lag                                *int
	About                              map[string]any
	Members, Partitions, Query         []map[string]any
	Next                               string
	Keys                               []map[string]any
	Events                             []item
}

const theGroup = "/groups/a%2Fb%20c"

func TestGroupsOverHTTP(t *testing.T) {
	s := parking(t)
	list := unmarshal[struct{ Groups []map[string]any }](t, s.want(s.do("GET", "/groups", ""), 200))
	if len(list.Groups) != 1 || list.Groups[0]["group"] != "a/b c" || list.Groups[0]["parkedEvents"] != 2.0 || list.Groups[0]["members"] != 0.0 {
		t.Errorf("got %+v", list)
	}
	one := unmarshal[groupDocument](t, s.want(s.do("GET", theGroup, ""), 200))
	if one.ParkedKeys != 1 || one.ParkedEvents != 2 || one.Lag == nil || *one.Lag != 0 || len(one.Partitions) != 2 || len(one.Query) != 1 || one.Position < 4 {
		t.Errorf("got %+v", one)
	}
	if fmt.Sprint(one.About) != "map[kind:mailer service:post writes:[letter]]" {
		t.Errorf("it says of itself %v", one.About)
	}
	keys := unmarshal[groupDocument](t, s.want(s.do("GET", theGroup+"/parked", ""), 200)).Keys
	if len(keys) != 1 || keys[0]["key"] != "order-2" || keys[0]["error"] != "no address" || keys[0]["count"] != 2.0 {
		t.Errorf("got %+v", keys)
	}
	page := unmarshal[groupDocument](t, s.want(s.do("GET", theGroup+"/parked/events?key=order-2&limit=1", ""), 200))
	if len(page.Events) != 1 || page.Events[0].Type != "placed" || page.Next == "" {
		t.Fatalf("got %+v", page)
	}
	page = unmarshal[groupDocument](t, s.want(s.do("GET", strings.TrimPrefix(page.Next, api), ""), 200))
	if len(page.Events) != 1 || page.Events[0].Type != "paid" || page.Next != "" {
		t.Errorf("got %+v", page)
	}
}

func TestParkedOverHTTP(t *testing.T) {
	s := parking(t)
	edit := `{"key":"order-2","position":2,"event":{"type":"placed","data":{"to":"ann"}}}`
	s.want(s.do("POST", theGroup+"/edit", edit), 200)
	a := s.want(s.do("GET", theGroup+"/parked/events?key=order-2", ""), 200)
	if !strings.Contains(a.body, `"data":{"to":"ann"}`) {
		t.Errorf("got %s", a.body)
	}
	s.want(s.do("POST", theGroup+"/drop", `{"key":"order-2","positions":[3]}`), 200)
	s.want(s.do("POST", theGroup+"/replay", `{"key":"order-2"}`), 200)
	s.want(s.do("POST", theGroup+"/replay", `{"all":true}`), 200)
	if a = s.do("GET", theGroup+"/parked", ""); !strings.Contains(a.body, `"count":1,"replaying":true`) {
		t.Errorf("got %s", a.body)
	}
	s.want(s.do("POST", theGroup+"/drop", `{"key":"order-2"}`), 200)
	s.want(s.do("DELETE", theGroup, ""), 200)
	if a = s.do("GET", "/groups", ""); a.body != `{"groups":[]}` {
		t.Errorf("got %s", a.body)
	}
}

func TestGroupsThatAreNotThere(t *testing.T) {
	s := parking(t)
	for _, ask := range [][3]string{
		{"GET", "/groups/none", ""}, {"DELETE", "/groups/none", ""}, {"GET", "/groups/none/parked", ""}, {"GET", "/groups/none/parked/events?key=k", ""},
		{"GET", theGroup + "/parked/events?key=order-1", ""}, {"GET", theGroup + "/parked/events?key=", ""},
		{"POST", theGroup + "/replay", `{"key":"order-1"}`}, {"POST", theGroup + "/drop", `{"key":"order-1"}`},
		{"POST", theGroup + "/drop", `{"key":"order-2","positions":[1]}`}, {"POST", theGroup + "/edit", `{"key":"order-2","position":1,"event":{"type":"t"}}`},
		{"POST", "/groups/none/receive", `{"wait":"0s"}`},
	} {
		if p := s.problem(s.do(ask[0], ask[1], ask[2]), 404, "not-found"); strings.HasPrefix(p.Detail, "group:") {
			t.Errorf("%v: %s", ask, p.Detail)
		}
	}
}

func TestBadRequestsToGroups(t *testing.T) {
	s := parking(t)
	head := s.head()
	for _, ask := range []struct{ method, path, body, field string }{
		{"GET", "/groups?limit=0", "", "limit"}, {"GET", "/groups?prefix=a", "", "prefix"}, {"GET", theGroup + "?all", "", "all"},
		{"GET", theGroup + "/parked/events", "", "key"}, {"DELETE", theGroup + "?force=maybe", "", "force"},
		{"GET", "/groups/" + strings.Repeat("x", 2000), "", "group"},
		{"POST", theGroup + "/replay", `{}`, "key"}, {"POST", theGroup + "/replay", `{"key":"k","all":true}`, "key"}, {"POST", theGroup + "/replay", `[]`, "body"},
		{"POST", theGroup + "/replay", `{"key":"order-2","position":1}`, "position"}, {"POST", theGroup + "/replay", `{"key":7}`, "key"},
		{"POST", theGroup + "/edit", `{"key":"order-2","event":{"type":"t"}}`, "position"}, {"POST", theGroup + "/edit", `{"key":"order-2","position":2,"event":{}}`, "type"},
		{"POST", theGroup + "/edit", `{"key":"order-2","position":2,"event":{"typ":"t"}}`, "event.typ"},
		{"POST", theGroup + "/drop", `{"key":"order-2","positions":[0]}`, "position"}, {"POST", theGroup + "/drop", `{"key":"order-2","positions":7}`, "positions"},
		{"POST", theGroup + "/receive", `{"limit":101}`, "limit"}, {"POST", theGroup + "/receive", `{"wait":"2m"}`, "wait"}, {"POST", theGroup + "/receive", `{"wait":20}`, "wait"},
		{"POST", theGroup + "/receive", `{"group":{"start":"now"}}`, "group.start"}, {"POST", theGroup + "/receive", `{"group":{"partitions":1025}}`, "group.partitions"},
		{"POST", theGroup + "/receive", `{"group":{"visibility":"1ms"}}`, "group.visibility"}, {"POST", theGroup + "/receive", `{"group":{"query":[{"types":[]}]}}`, ""},
		{"POST", theGroup + "/settle", `{}`, "settlements"}, {"POST", theGroup + "/settle", `{"settlements":[{"outcome":"ack"}]}`, "settlements[0].id"},
		{"POST", theGroup + "/settle", `{"settlements":[{"id":"x"}]}`, "settlements[0].outcome"}, {"POST", theGroup + "/settle", `{"settlements":[{"id":"x","outcome":"nack"}]}`, "settlements[0].outcome"},
		{"POST", theGroup + "/settle", `{"settlements":[{"id":"x","outcome":"retry","after":"-1s"}]}`, "settlements[0].after"},
	} {
		p := s.problem(s.do(ask.method, ask.path, ask.body), 400, "invalid")
		if ask.field != "" && p.Field != ask.field {
			t.Errorf("%s %s %s: the field is %q: %s", ask.method, ask.path, ask.body, p.Field, p.Detail)
		}
	}
	if s.head() != head {
		t.Error("something was stored")
	}
}

func TestPagesOfGroups(t *testing.T) {
	s := serve(t, storetest.NewReference(), options)
	s.put("s", "a")
	for i := range 5 {
		for _, err := range group.Receive(t.Context(), s.store, fmt.Sprint("g", i), group.Options{Partitions: 1}) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	var got []string
	for path := "/groups?limit=2"; path != ""; {
		page := unmarshal[struct {
			Groups []struct{ Group string }
			Next   string
		}](t, s.want(s.do("GET", path, ""), 200))
		for _, g := range page.Groups {
			got = append(got, g.Group)
		}
		path = strings.TrimPrefix(page.Next, api)
	}
	if strings.Join(got, " ") != "g0 g1 g2 g3 g4" {
		t.Errorf("got %q", got)
	}
}
