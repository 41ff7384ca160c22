package rest_test

import (
	"encoding/json"
	"strings"
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/cairndb/cairn"
)

const (
	cloud  = "application/cloudevents+json"
	clouds = "application/cloudevents-batch+json"
)

func TestCloudEvents(t *testing.T) {
	w := newWorld(t)
	one := `{"specversion":"1.0","id":"A-17","source":"/shop","type":"order.placed","subject":"17","time":"2024-05-01T10:00:00Z","own":7,"cairntags":"[\"a\",\"b\"]","data":{"n":12345678901234567890}}`
	w.want(w.do("POST", "/streams/s", one, "Content-Type", cloud, "If-None-Match", "*"), 201)
	w.want(w.do("POST", "/streams/s", one, "Content-Type", cloud, "If-None-Match", "*"), 200) // the id is always the same
	w.want(w.do("POST", "/streams/s", `[{"specversion":"1.0","id":"`+id+`","source":"/shop","type":"b","datacontenttype":"text/plain","data":"plain"}]`, "Content-Type", clouds), 201)
	w.want(w.do("POST", "/streams/s", "<xml/>", "Content-Type", "application/xml", "Ce-Specversion", "1.0", "Ce-Id", "x", "Ce-Source", "/a%20b", "Ce-Type", "c", "Ce-Own", "1"), 201)
	w.put("s", "native")

	var offered []cloudevents.Event
	if err := json.Unmarshal([]byte(w.want(w.do("GET", "/streams/s", "", "Accept", clouds), 200).body), &offered); err != nil {
		t.Fatal(err)
	}
	for i, e := range offered {
		if err := e.Validate(); err != nil {
			t.Errorf("event %d: %v", i, err)
		}
	}
	if len(offered) != 4 || offered[0].ID() != "A-17" || offered[0].Subject() != "17" || string(offered[0].Data()) != `{"n":12345678901234567890}` ||
		offered[1].ID() != id || string(offered[1].Data()) != "plain" || offered[1].DataContentType() != "text/plain" ||
		offered[2].Source() != "/a%20b" || string(offered[2].Data()) != "<xml/>" || offered[3].Source() != api+"/streams/s" {
		t.Errorf("got %v", offered)
	}
	if a := w.want(w.do("GET", "/events/1", "", "Accept", cloud), 200); !strings.Contains(a.body, `"own":7`) || !strings.Contains(a.body, `"cairntags":"[\"a\",\"b\"]"`) {
		t.Errorf("got %s", a.body)
	}
	all, err := cairn.Collect(w.store.ReadStream(t.Context(), "s", cairn.ReadOptions{}))
	if err != nil || len(all[0].Tags) != 2 || all[1].Format != cairn.Binary {
		t.Errorf("got %+v, %v", all, err)
	}
}

func TestCloudEventsRefused(t *testing.T) {
	base := `"specversion":"1.0","id":"1","source":"/s","type":"T"`
	for body, field := range map[string]string{
		`{"specversion":"0.3","id":"1","source":"/s","type":"T"}`: "specversion",
		`{"specversion":"1.0","source":"/s","type":"T"}`:          "id",
		`{"specversion":"1.0","id":"1","type":"T"}`:               "source",
		`{` + base + `,"Own":1}`:                                  "Own",
		`{` + base + `,"own":[1]}`:                                "own",
		`{` + base + `,"time":"now"}`:                             "time",
		`{` + base + `,"data":1,"data_base64":""}`:                "data",
		`{` + base + `,"data_base64":"*"}`:                        "data_base64",
		`{` + base + `,"cairntags":"a"}`:                          "cairntags",
	} {
		w := newWorld(t)
		if p := w.problem(w.do("POST", "/streams/s", body, "Content-Type", cloud), 400, "invalid"); p.Field != field {
			t.Errorf("%s: got field %q, want %q", body, p.Field, field)
		}
	}
}
