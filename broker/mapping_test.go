package broker_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/codec"
)

// happened is a domain event as it is stored.
func happened(typ, data, metadata string) cairn.Recorded {
	id, err := cairn.ParseID("0190163d-8694-739b-aea5-966c26f8ad91")
	if err != nil {
		panic(err)
	}
	return cairn.Recorded{
		Event: cairn.Event{
			ID: id, Type: typ, Data: []byte(data), Metadata: []byte(metadata),
			Time: time.Date(2026, 5, 1, 12, 0, 0, 5000, time.FixedZone("", 7200)),
		},
		Stream: "order-7", Revision: 3, Position: 42,
	}
}

func TestWhatAMessageTakesFromItsEvent(t *testing.T) {
	e := happened("order.placed", `{"total": 12, "customer": "ann"}`, `{
		"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "tracestate": "a=b",
		"$correlationId": "c1", "$causationId": "c2", "user": "ann"}`)
	all, err := shop(t).Map(e, typed)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	m := all[0]
	if err := m.Event.Validate(); err != nil {
		t.Error(err)
	}
	equal(t, "topic and key", m.Topic+" "+m.Key, "orders order-7")
	got, err := json.Marshal(m.Event)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"specversion":"1.0","id":"0190163d-8694-739b-aea5-966c26f8ad91.0","source":"https://shop.example.com/orders",` +
		`"type":"com.example.order.placed.v1","subject":"order-7","datacontenttype":"application/json","time":"2026-05-01T10:00:00.000005Z",` +
		`"data":{"order":"order-7","total":12},` +
		`"causationid":"c2","correlationid":"c1","partitionkey":"order-7","traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","tracestate":"a=b"}`
	sameJSON(t, got, []byte(want))
}

func sameJSON(t *testing.T, got, want []byte) {
	t.Helper()
	var g, w map[string]any
	if err := errors.Join(json.Unmarshal(got, &g), json.Unmarshal(want, &w)); err != nil {
		t.Fatal(err)
	}
	equal(t, "the event", g, w)
}

func TestIDsAreThoseOfTheEventAndThePlace(t *testing.T) {
	for range 2 {
		all, err := shop(t).Map(happened("order.cancelled", `{}`, ""), typed)
		if err != nil || len(all) != 2 {
			t.Fatal(all, err)
		}
		equal(t, "first", all[0].Event.ID(), "0190163d-8694-739b-aea5-966c26f8ad91.0")
		equal(t, "second", all[1].Event.ID(), "0190163d-8694-739b-aea5-966c26f8ad91.1")
	}
}

func TestDraftsSayOtherwise(t *testing.T) {
	keyed := orderPlaced
	keyed.Key = func(p placedV1) string { return fmt.Sprint("total-", p.Total) }
	c, err := broker.NewContract("/shop", keyed)
	if err != nil {
		t.Fatal(err)
	}
	draft := keyed.Draft(placedV1{Total: 5})
	second := draft
	second.Subject, second.Source, second.Topic, second.Key = "s", "/other", "t", "k"
	second.Extensions = map[string]string{"partitionkey": "p", "mood": "good"}
	all, err := c.Map(happened("x", "", ""), func(cairn.Recorded) ([]broker.Draft, error) { return []broker.Draft{draft, second}, nil })
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "key of the type", all[0].Key+" "+all[0].Event.Extensions()["partitionkey"].(string), "total-5 total-5")
	m := all[1]
	equal(t, "the draft's", []any{m.Event.Subject(), m.Event.Source(), m.Topic, m.Key, m.Event.Extensions()}, "[s /other t k map[mood:good partitionkey:p]]")
}

func TestUnmapped(t *testing.T) {
	for what, m := range map[string]broker.Mapping{
		"by type": broker.ByType(map[string]broker.Mapping{"other": typed, "nil": nil}),
		"typed":   typed,
	} {
		for _, typ := range []string{"order.moved", "unheard.of", "nil"} {
			if all, err := shop(t).Map(happened(typ, `{}`, ""), m); !errors.Is(err, broker.ErrUnmapped) || len(all) > 0 {
				t.Errorf("%s, %s: %v, %v", what, typ, all, err)
			}
		}
	}
	nothing := func(cairn.Recorded) ([]broker.Draft, error) { return nil, nil }
	if all, err := shop(t).Map(happened("x", "", ""), nothing); err != nil || len(all) > 0 {
		t.Error(all, err)
	}
}

func TestBrokenMappings(t *testing.T) {
	good := orderPlaced.Draft(placedV1{})
	with := func(change func(*broker.Draft)) broker.Mapping {
		d := good
		change(&d)
		return func(cairn.Recorded) ([]broker.Draft, error) { return []broker.Draft{good, d}, nil }
	}
	c, err := broker.NewContract("/shop", orderPlaced, broker.EventType[float64]{Name: "number"},
		broker.EventType[int]{Name: "picky", Key: func(n int) string { panic("this key") }})
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]struct {
		m    broker.Mapping
		says string
	}{
		"no type":         {with(func(d *broker.Draft) { d.Type = "" }), `integration event 1 of type "": it has no type`},
		"not registered":  {with(func(d *broker.Draft) { d.Type = "secret" }), `integration event 1 of type "secret": its type is not registered`},
		"other data":      {with(func(d *broker.Draft) { d.Data = &placedV1{} }), "its data is a *broker_test.placedV1, and broker_test.placedV1 is registered"},
		"no data":         {with(func(d *broker.Draft) { d.Data = nil }), "its data is a <nil>"},
		"no JSON":         {with(func(d *broker.Draft) { d.Type, d.Data = "number", math.Inf(1) }), "its data cannot be encoded"},
		"bad source":      {with(func(d *broker.Draft) { d.Source = "::" }), "source: is no URI"},
		"bad extension":   {with(func(d *broker.Draft) { d.Extensions = map[string]string{"a b": ""} }), `"a b" is no name for an extension`},
		"upper extension": {with(func(d *broker.Draft) { d.Extensions = map[string]string{"Mood": ""} }), `"Mood" is no name for an extension`},
		"attribute":       {with(func(d *broker.Draft) { d.Extensions = map[string]string{"id": ""} }), `"id" is no name for an extension`},
		"not UTF-8":       {with(func(d *broker.Draft) { d.Extensions = map[string]string{"a": "\xff"} }), `"a" has characters that`},
		"line feed":       {with(func(d *broker.Draft) { d.Extensions = map[string]string{"a": "b\nc"} }), `"a" has characters that`},
		"subject":         {with(func(d *broker.Draft) { d.Subject = "b\rc" }), `its subject "b\rc" has characters that`},
		"key":             {with(func(d *broker.Draft) { d.Key = "b\u0085c" }), `its key "b\u0085c" has characters that`},
		"panicking key":   {with(func(d *broker.Draft) { d.Type, d.Data = "picky", 1 }), "panicked: this key"},
		"panic":           {func(cairn.Recorded) ([]broker.Draft, error) { panic("oh no") }, "panicked: oh no"},
		"undecodable":     {typed, "order.placed"},
	} {
		all, err := c.Map(happened("order.placed", `not JSON`, ""), b.m)
		what, ok := errors.AsType[*broker.MappingError](err)
		if !ok || len(all) > 0 || !errors.Is(err, broker.ErrMapping) || !strings.Contains(err.Error(), b.says) {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		if what.Position != 42 || !strings.Contains(err.Error(), "order.placed at position 42 (order-7, revision 3)") {
			t.Errorf("%s: the error does not say where: %v", name, err)
		}
	}
}

// What a mapping itself says may be true only for now.
func TestAnErrorOfAMappingMayPass(t *testing.T) {
	sorry := errors.New("sorry")
	_, err := shop(t).Map(happened("x", "", ""), func(cairn.Recorded) ([]broker.Draft, error) { return nil, sorry })
	if !errors.Is(err, sorry) || errors.Is(err, broker.ErrMapping) {
		t.Error(err)
	}
	_, err = shop(t).Map(happened("order.broken", "{}", ""), typed)
	if !errors.Is(err, codec.ErrUndecodable) || !errors.Is(err, broker.ErrMapping) {
		t.Error(err)
	}
}

// Whatever the metadata of an event, what it is mapped to is valid.
func FuzzMetadata(f *testing.F) {
	f.Add([]byte(`{"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","tracestate":"a=b"}`), "order-1")
	f.Add([]byte(`{"$correlationId":"\u0000","$causationId":7}`), " ")
	f.Add([]byte(`{"$correlationId":7,"$causationId":"a\nb"}`), "order\n1")
	f.Add([]byte(`{"$traceId":"4bf92f3577b34da6a3ce929d0e0e4736","$spanId":"00f067aa0ba902b7"`), "\xff")
	c := shop(f)
	f.Fuzz(func(t *testing.T, metadata []byte, stream string) {
		e := happened("order.placed", `{}`, string(metadata))
		e.Stream = stream
		all, err := c.Map(e, typed)
		if errors.Is(err, broker.ErrMapping) && strings.Contains(err.Error(), "CloudEvents does not allow") {
			return // the name of the stream
		}
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		for name, v := range all[0].Event.Extensions() {
			if strings.ContainsAny(v.(string), "\x00\r\n\x7f") {
				t.Fatalf("%s is %q", name, v)
			}
		}
		if err := all[0].Event.Validate(); err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(all[0].Event); err != nil {
			t.Fatal(err)
		}
	})
}
