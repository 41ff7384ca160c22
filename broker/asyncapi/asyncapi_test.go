package asyncapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/asyncapi"
)

var update = flag.Bool("update", false, "write the documents that are expected")

type currency string

func (currency) Enum() []string { return []string{"EUR", "CHF"} }

type money struct {
	Amount   int64    `json:"amount" doc:"In cents."`
	Currency currency `json:"currency"`
}

type placed struct {
	Order    string    `json:"order"`
	At       time.Time `json:"at"`
	Total    money     `json:"total" doc:"With taxes."`
	Items    []item    `json:"items,omitempty"`
	Discount *money    `json:"discount,omitempty"`
}

type item struct {
	Article string  `json:"article"`
	Count   uint    `json:"count"`
	Weight  float64 `json:"weight,omitzero"`
	Parts   []item  `json:"parts"`
}

type cancelled struct {
	Order string `json:"order"`
}

var (
	orderPlaced = broker.EventType[placed]{
		Name: "com.example.order.placed.v1", Topic: "orders", Description: "A customer has placed an order.",
		Example: &placed{Order: "order-7", At: time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC), Total: money{1250, "EUR"}},
	}
	orderCancelled = broker.EventType[cancelled]{Name: "com.example.order.cancelled.v1", Topic: "orders"}
	noted          = broker.EventType[map[string]any]{Name: "com.example.noted.v1"}
)

func contract(t testing.TB, types ...broker.Registered) *broker.Contract {
	t.Helper()
	c, err := broker.NewContract("https://shop.example.com/orders", types...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func info() asyncapi.Info {
	return asyncapi.Info{
		Title: "Orders", Version: "1.0.0", Description: "What others hear of orders: placed & cancelled.", HeaderPrefix: "ce-",
		Servers: []asyncapi.Server{{Name: "production", Host: "nats.example.com:4222", Protocol: "nats", Description: "The company's."}},
	}
}

func TestDocument(t *testing.T) {
	c := contract(t, noted, orderPlaced, orderCancelled)
	for name, make := range map[string]func(*broker.Contract, asyncapi.Info) ([]byte, error){
		"testdata/orders.json": asyncapi.JSON, "testdata/orders.yaml": asyncapi.YAML,
	} {
		got, err := make(c, info())
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(name, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what is made, which is\n%s", name, got)
		}
	}
}

func TestBothFormsSayTheSame(t *testing.T) {
	c := contract(t, noted, orderPlaced, orderCancelled,
		broker.EventType[struct {
			A string `doc:"a: 1 #no, \"yes\" 'no' <&> \u2028 😀 - null"`
		}]{Name: "com.example.strange.v1", Description: "multi\nline: \t {x}"})
	j, err1 := asyncapi.JSON(c, info())
	y, err2 := asyncapi.YAML(c, info())
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	var fromJSON, fromYAML any
	if err := errors.Join(json.Unmarshal(j, &fromJSON), yaml.Unmarshal(y, &fromYAML)); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(fromYAML)
	if err != nil {
		t.Fatal(err)
	}
	want, err := json.Marshal(fromJSON)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again, want) {
		t.Errorf("as YAML it is\n%s\nas JSON\n%s", again, want)
	}
}

type badSchema struct{}

func (badSchema) JSONSchema() json.RawMessage { return json.RawMessage("no") }

func TestDocumentsAreRefused(t *testing.T) {
	c := contract(t, orderPlaced)
	for field, change := range map[string]func(*asyncapi.Info){
		"title":      func(i *asyncapi.Info) { i.Title = "" },
		"version":    func(i *asyncapi.Info) { i.Version = "" },
		"servers[1]": func(i *asyncapi.Info) { i.Servers = append(i.Servers, i.Servers[0]) },
		"servers[0]": func(i *asyncapi.Info) { i.Servers[0].Name = "a b" },
	} {
		i := info()
		change(&i)
		_, err := asyncapi.YAML(c, i)
		if what, ok := errors.AsType[*cairn.InvalidError](err); !ok || what.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	if _, err := asyncapi.JSON(nil, info()); !errors.Is(err, cairn.ErrInvalid) {
		t.Error(err)
	}
	braces := broker.EventType[cancelled]{Name: "a", Topic: "orders.{id}"}
	if _, err := asyncapi.JSON(contract(t, braces), info()); !errors.Is(err, cairn.ErrInvalid) || !strings.Contains(err.Error(), "braces") {
		t.Error(err)
	}
	for name, r := range map[string]broker.Registered{
		"cannot.be": broker.EventType[struct {
			A chan int `json:",omitempty"`
			B func()   `json:"-"`
		}]{Name: "cannot.be"},
		"bad.schema": broker.EventType[badSchema]{Name: "bad.schema"},
	} {
		c, err := broker.NewContract("/shop", r)
		if err == nil {
			_, err = asyncapi.JSON(c, info())
		}
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestTopicsThatLookAlikeAreTwoChannels(t *testing.T) {
	c := contract(t, broker.EventType[cancelled]{Name: "a.b", Topic: "x/y"}, broker.EventType[cancelled]{Name: "a/b", Topic: "x.y"})
	b, err := asyncapi.JSON(c, info())
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Channels   map[string]struct{ Address string }
		Operations map[string]any
		Components struct{ Messages map[string]any }
	}
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Channels) != 2 || len(d.Operations) != 2 || len(d.Components.Messages) != 2 || d.Channels["x-y"].Address == d.Channels["x-y-2"].Address {
		t.Errorf("%s", b)
	}
}
