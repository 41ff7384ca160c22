package broker_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/cairndb/cairn/broker"
)

func TestStructuredEventsAsTheSDKWritesThem(t *testing.T) {
	for contentType, data := range map[string]string{
		"application/json":        `{"n":[1,2]}`,
		"application/vnd.x+json":  `"text"`,
		"text/plain":              "größer",
		"application/x-protobuf":  "\x00\xff\x80",
		"application/json; a=b":   `null`,
		"application/octet-strea": "",
	} {
		e := full()
		if err := e.SetData(contentType, []byte(data)); err != nil {
			t.Fatal(err)
		}
		for _, base64 := range []bool{true, false} {
			// Some data is only whole in base64: bytes that are no text, null, and
			// what the SDK does not take for JSON but the specification does.
			if e.DataBase64 = base64; !base64 && (strings.Contains(data, "\xff") || strings.Contains(data, `"`)) && data[0] != '{' || !base64 && data == "null" {
				continue
			}
			body, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			got, err := broker.FromHeaders("ce-", maps.All(map[string]string{}), "Application/CloudEvents+JSON; charset=UTF-8", body)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Data(), []byte(data)) || !maps.Equal(wire(t, "", got), wire(t, "", e)) {
				t.Errorf("%s, base64 %v: came back as %v, data %q", contentType, base64, got, got.Data())
			}
		}
	}
}

func TestStructuredKindsOfExtensions(t *testing.T) {
	body := `{"specversion":"1.0","id":"1","source":"/s","type":"t","b":true,"n":-3,"s":"x","none":null}`
	e, err := broker.FromHeaders("", nothing, broker.Structured, []byte(body))
	want := map[string]any{"b": true, "n": int32(-3), "s": "x"}
	if err != nil || !maps.Equal(e.Extensions(), want) {
		t.Fatal(e.Extensions(), err)
	}
}

func TestStructuredRubbish(t *testing.T) {
	const start = `{"specversion":"1.0","id":"1","source":"/s","type":"t"`
	for _, c := range []struct{ body, why string }{
		{``, "not a JSON object"}, {`[]`, "not a JSON object"}, {`null`, "no specversion"}, {`{}`, "no specversion"},
		{`{"specversion":"9"}`, "not known"}, {`{"specversion":1}`, "not known"},
		{start + `,"subject":7}`, `"subject"`}, {start + `,"time":"now"}`, `"time"`},
		{start + `,"Ext":"x"}`, `"Ext"`}, {start + `,"ext":{}}`, `"ext"`}, {start + `,"ext":[1]}`, `"ext"`},
		{start + `,"ext":1.5}`, `"ext"`}, {start + `,"ext":3000000000}`, `"ext"`},
		{start + `,"data_base64":5}`, "data"}, {start + `,"data_base64":"*"}`, "data"},
		{start + `,"data":{},"data_base64":""}`, "both"},
		{start + `,"datacontenttype":"text/plain","data":{}}`, "data"},
		{start + `} trailing`, "not a JSON object"},
	} {
		_, err := broker.FromHeaders("", nothing, broker.Structured, []byte(c.body))
		if !errors.Is(err, broker.ErrUndecodable) || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: want an error about %s, got %v", c.body, c.why, err)
		}
	}
	if _, err := broker.FromHeaders("", nothing, "application/cloudevents+avro", nil); !errors.Is(err, broker.ErrUndecodable) || !strings.Contains(err.Error(), "+avro") {
		t.Error(err)
	}
}

// nothing is no headers.
func nothing(func(string, string) bool) {}
