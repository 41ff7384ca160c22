package broker_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
)

func arrived(typ, contentType, data string) broker.Delivery {
	e := cloudevents.New()
	e.SetID("7")
	e.SetSource("/shop")
	e.SetType(typ)
	e.SetDataContentType(contentType)
	e.DataEncoded = []byte(data)
	return broker.Delivery{Message: broker.Message{Event: e, Topic: "orders"}}
}

func mux(t testing.TB, unknown broker.Unknown, got *[]string) *broker.Mux {
	t.Helper()
	m, err := broker.NewMux(unknown,
		broker.On(orderPlaced, func(_ context.Context, e placedV1, d broker.Delivery) error {
			*got = append(*got, e.Order+" in "+d.Topic)
			return nil
		}),
		broker.On(broker.EventType[struct{}]{Name: "empty"}, func(context.Context, struct{}, broker.Delivery) error {
			*got = append(*got, "empty")
			return errors.New("a handler's own")
		}))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestDeliveriesFindTheirHandler(t *testing.T) {
	var got []string
	m := mux(t, broker.Reject, &got)
	for _, typ := range []string{"application/json", "application/vnd.shop+json; charset=utf-8", ""} {
		if err := m.Handle(t.Context(), arrived(orderPlaced.Name, typ, `{"order":"order-7","new":true}`)); err != nil {
			t.Error(typ, err)
		}
	}
	if err := m.Handle(t.Context(), arrived("empty", "", "")); err == nil || errors.Is(err, broker.ErrRejected) {
		t.Error(err)
	}
	equal(t, "handled", got, "[order-7 in orders order-7 in orders order-7 in orders empty]")
}

func TestWhatCannotBeDecodedIsRejected(t *testing.T) {
	var got []string
	m := mux(t, broker.Reject, &got)
	for name, d := range map[string]broker.Delivery{
		"not JSON":      arrived(orderPlaced.Name, "application/json", `{`),
		"two values":    arrived(orderPlaced.Name, "application/json", `{} {}`),
		"no data":       arrived(orderPlaced.Name, "application/json", ``),
		"another shape": arrived(orderPlaced.Name, "application/json", `{"total":"many"}`),
		"not its form":  arrived(orderPlaced.Name, "application/xml", `{"total":1}`),
	} {
		err := m.Handle(t.Context(), d)
		if !errors.Is(err, broker.ErrRejected) || !errors.Is(err, broker.ErrUndecodable) || !strings.Contains(err.Error(), "event 7 of type") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := m.Handle(t.Context(), broker.Delivery{}); !errors.Is(err, broker.ErrUndecodable) {
		t.Error(err)
	}
	equal(t, "handled", got, "[]")
}

func TestUnknownTypes(t *testing.T) {
	var got []string
	err := mux(t, broker.Reject, &got).Handle(t.Context(), arrived("news", "", ""))
	if !errors.Is(err, broker.ErrUnknownType) || !errors.Is(err, broker.ErrRejected) || !strings.Contains(err.Error(), `"news" from /shop`) {
		t.Error(err)
	}
	told := 0
	m := mux(t, broker.Ignore(func(broker.Delivery) { told++ }), &got)
	if err := m.Handle(t.Context(), arrived("news", "", "")); err != nil || told != 1 {
		t.Error(err, told)
	}
	if err := mux(t, broker.Ignore(nil), &got).Handle(t.Context(), arrived("news", "", "")); err != nil {
		t.Error(err)
	}
}

func TestMuxesAreRefused(t *testing.T) {
	nothing := func(context.Context, placedV1, broker.Delivery) error { return nil }
	on := broker.On(orderPlaced, nothing)
	for name, make := range map[string]func() (*broker.Mux, error){
		"undecided":  func() (*broker.Mux, error) { return broker.NewMux(nil, on) },
		"twice":      func() (*broker.Mux, error) { return broker.NewMux(broker.Reject, on, on) },
		"zero":       func() (*broker.Mux, error) { return broker.NewMux(broker.Reject, broker.Route{}) },
		"no handler": func() (*broker.Mux, error) { return broker.NewMux(broker.Reject, broker.On(orderPlaced, nil)) },
		"no name": func() (*broker.Mux, error) {
			return broker.NewMux(broker.Reject, broker.On(broker.EventType[placedV1]{}, nothing))
		},
	} {
		if m, err := make(); m != nil || !errors.Is(err, cairn.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// A handler never sees what is not of its type, and the rest is rejected.
func FuzzDecode(f *testing.F) {
	f.Add(orderPlaced.Name, "application/json", []byte(`{"order":"order-7","total":1}`))
	f.Add("empty", "", []byte{})
	f.Add("news", "text/plain;x", []byte{0xff})
	f.Fuzz(func(t *testing.T, typ, contentType string, data []byte) {
		var got []string
		err := mux(t, broker.Reject, &got).Handle(t.Context(), arrived(typ, contentType, string(data)))
		if (len(got) == 0) != errors.Is(err, broker.ErrRejected) {
			t.Fatalf("handled %v, and yet %v", got, err)
		}
	})
}
