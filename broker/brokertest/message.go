package brokertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/cloudevents/sdk-go/v2/types"

	"github.com/cairndb/cairn/broker"
)

// message is a usual one.
func message(topic, key, id string) broker.Message {
	e := cloudevents.New()
	e.SetID(id)
	e.SetSource("https://example.com/brokertest")
	e.SetType("com.example.tested.v1")
	e.SetTime(time.Date(2026, 5, 1, 10, 0, 0, 123456000, time.UTC))
	_ = e.SetData(cloudevents.ApplicationJSON, json.RawMessage(`{"n":1}`)) // JSON already
	return broker.Message{Event: e, Topic: topic, Key: key}
}

// numbered are usual messages of one key.
func numbered(topic, key string, n int) (all []broker.Message) {
	for i := range n {
		all = append(all, message(topic, key, fmt.Sprintf("%s-%d", key, i)))
	}
	return all
}

// samples are messages of every form, by what is special about them.
func samples(topic string) map[string]broker.Message {
	binary := make([]byte, 256)
	for i := range binary {
		binary[i] = byte(i)
	}
	large := bytes.Repeat([]byte(`0123456789abcdef`), 4096)
	all := map[string]broker.Message{}
	add := func(what string, change func(m *broker.Message)) {
		m := message(topic, "key", "sample-"+strings.ReplaceAll(what, " ", "-"))
		change(&m)
		all[what] = m
	}
	data := func(typ string, b []byte) func(*broker.Message) {
		return func(m *broker.Message) {
			m.Event.SetDataContentType(typ)
			m.Event.DataEncoded, m.Event.DataBase64 = b, false
		}
	}
	add("JSON", func(*broker.Message) {})
	add("JSON with spaces and letters of all kinds", data("application/json", []byte(`{"b": "grün € 😀", "a": [1, 2.50, null, 1e3] }`)))
	add("JSON that is only a string", data("application/json", []byte(`"word"`)))
	add("text", data("text/plain; charset=utf-8", []byte("zwölf Boxkämpfer\nund noch eine Zeile")))
	add("binary", func(m *broker.Message) {
		data("application/octet-stream", binary)(m)
		m.Event.DataBase64 = true
	})
	add("64 KiB", func(m *broker.Message) {
		data("application/octet-stream", large)(m)
		m.Event.DataBase64 = true
	})
	add("no data", func(m *broker.Message) { m.Event.DataEncoded = nil; m.Event.SetDataContentType("") })
	add("no key", func(m *broker.Message) { m.Key = "" })
	add("a key of all kinds", func(m *broker.Message) { m.Key = "order-7/grün % =\"x\"" })
	add("all attributes", func(m *broker.Message) {
		m.Event.SetSubject(`order-7 "größer" 100%, 😀`)
		m.Event.SetDataSchema("https://example.com/schema?v=1#tested")
		m.Event.SetSource("/relative/source")
		m.Event.SetExtension("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
		m.Event.SetExtension("tracestate", "a=b,c=d")
		m.Event.SetExtension("partitionkey", "order-7")
		m.Event.SetExtension("sequence", 42)
		m.Event.SetExtension("test", true)
		m.Event.SetExtension("note", "naïve: 5 % «quoted»")
	})
	add("no time", func(m *broker.Message) { m.Event.SetTime(time.Time{}) })
	return all
}

// differences says in what a delivery is not the message that was published.
func (k *kit) differences(want broker.Message, got broker.Delivery) (all []string) {
	differ := func(what string, g, w any) {
		if fmt.Sprint(g) != fmt.Sprint(w) {
			all = append(all, fmt.Sprintf("%s is %q, want %q", what, fmt.Sprint(g), fmt.Sprint(w)))
		}
	}
	g, w := got.Event, want.Event
	differ("specversion", g.SpecVersion(), w.SpecVersion())
	differ("id", g.ID(), w.ID())
	differ("source", g.Source(), w.Source())
	differ("type", g.Type(), w.Type())
	differ("subject", g.Subject(), w.Subject())
	differ("time", g.Time().UTC(), w.Time().UTC())
	differ("datacontenttype", g.DataContentType(), w.DataContentType())
	differ("dataschema", g.DataSchema(), w.DataSchema())
	differ("extensions", extensions(g), extensions(w))
	if !sameData(g.DataMediaType(), g.Data(), w.Data()) {
		differ("data", string(g.Data()), string(w.Data()))
	}
	if !k.lack(Topics) {
		differ("topic", got.Topic, want.Topic)
	}
	if !k.lack(Keys) {
		differ("key", got.Key, want.Key)
	}
	return all
}

// extensions are in the form that all bindings have: as strings.
func extensions(e cloudevents.Event) string {
	all := e.Extensions()
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		s, err := types.Format(all[name])
		fmt.Fprintf(&b, "%s=%q %v; ", name, s, err)
	}
	return b.String()
}

// sameData compares bytes, but for the spaces of JSON.
func sameData(typ string, a, b []byte) bool {
	if typ != cloudevents.ApplicationJSON || bytes.Equal(a, b) {
		return bytes.Equal(a, b)
	}
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}
