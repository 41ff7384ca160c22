package broker_test

import (
	"bytes"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/cairndb/cairn/broker"
)

// full is an event with every attribute there is, and extensions of every kind.
func full() cloudevents.Event {
	e := cloudevents.New()
	e.SetID("order-7@3/0")
	e.SetSource("https://shop.example/orders")
	e.SetType("order.placed.v1")
	e.SetSubject("order 7, \"größer\" 100%")
	e.SetTime(time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.FixedZone("", 3600)))
	e.SetDataSchema("https://shop.example/schema/1")
	e.SetExtension("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	e.SetExtension("attempt", 7)
	e.SetExtension("urgent", true)
	e.SetExtension("digest", []byte{0, 1, 255})
	if err := e.SetData("application/json; charset=utf-8", []byte(`{"n":1}`)); err != nil {
		panic(err)
	}
	return e
}

// wire is what a binding would carry.
func wire(t testing.TB, prefix string, e cloudevents.Event) map[string]string {
	t.Helper()
	got := map[string]string{}
	if err := broker.Headers(prefix, &e, func(name, value string) { got[name] = value }); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestHeadersAreTheAttributesAsText(t *testing.T) {
	want := map[string]string{
		"ce_specversion": "1.0", "ce_id": "order-7@3/0", "ce_source": "https://shop.example/orders",
		"ce_type": "order.placed.v1", "ce_subject": `order 7, "größer" 100%`, "ce_time": "2026-03-01T11:00:00.123456789Z",
		"ce_dataschema": "https://shop.example/schema/1", "ce_attempt": "7", "ce_urgent": "true", "ce_digest": "AAH/",
		"ce_traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
	}
	if got := wire(t, "ce_", full()); !maps.Equal(got, want) {
		t.Fatalf("got %v\nwant %v", got, want)
	}
}

func TestHeadersComeBackAsTheEvent(t *testing.T) {
	e := full()
	for _, prefix := range []string{"ce-", "ce_", "cloudEvents:", ""} {
		headers := wire(t, prefix, e)
		got, err := broker.FromHeaders(prefix, maps.All(headers), e.DataContentType(), e.Data())
		if err != nil {
			t.Fatal(err)
		}
		if again := wire(t, prefix, got); !maps.Equal(again, headers) || !bytes.Equal(got.Data(), e.Data()) || got.DataContentType() != e.DataContentType() {
			t.Errorf("with prefix %q came back as\n%v", prefix, got)
		}
	}
}

func TestHeadersOfOthersAreLeftAlone(t *testing.T) {
	headers := wire(t, "CE-", full())
	headers["Content-Length"], headers["x"], headers["ceid"] = "7", "y", "z"
	got, err := broker.FromHeaders("ce-", maps.All(headers), "", nil)
	if err != nil || got.ID() != "order-7@3/0" || len(got.Extensions()) != 4 {
		t.Fatal(got, err)
	}
	headers = wire(t, "", full())
	headers["not-an-attribute"] = "x"
	if got, err = broker.FromHeaders("", maps.All(headers), "", nil); err != nil || len(got.Extensions()) != 4 {
		t.Fatal(got, err)
	}
}

func TestEventsThatNobodyCouldReadAreRejected(t *testing.T) {
	for name, spoil := range map[string]func(*cloudevents.Event){
		"id":              func(e *cloudevents.Event) { e.Context.(*cloudevents.EventContextV1).ID = "" },
		"source":          func(e *cloudevents.Event) { e.SetSource("") },
		"type":            func(e *cloudevents.Event) { e.SetType(" ") },
		"datacontenttype": func(e *cloudevents.Event) { e.SetDataContentType("a/b/c") },
		"subject":         func(e *cloudevents.Event) { e.SetSubject("line\r\nline") },
		"time":            func(e *cloudevents.Event) { e.SetTime(time.Date(12345, 1, 1, 0, 0, 0, 0, time.UTC)) },
		"note":            func(e *cloudevents.Event) { e.SetExtension("note", "\xff") },
		"Note":            func(e *cloudevents.Event) { extend(e, "Note", "x") },
		"list":            func(e *cloudevents.Event) { extend(e, "list", []string{"x"}) },
		"specversion":     func(e *cloudevents.Event) { e.Context = nil },
	} {
		e := full()
		spoil(&e)
		set := 0
		err := broker.Headers("ce-", &e, func(string, string) { set++ })
		if !errors.Is(err, broker.ErrRejected) || !strings.Contains(err.Error(), `"`+name+`"`) || set > 0 {
			t.Errorf("%s: %v, %d headers set", name, err, set)
		}
	}
}

// extend puts an extension where the SDK would not let it.
func extend(e *cloudevents.Event, name string, value any) {
	e.Context.(*cloudevents.EventContextV1).Extensions[name] = value
}

func TestWhatIsNotAnEventIsUndecodable(t *testing.T) {
	with := func(name, value string) map[string]string {
		h := map[string]string{"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "t"}
		if h[name] = value; value == "" {
			delete(h, name)
		}
		return h
	}
	for _, c := range []struct {
		why     string
		headers map[string]string
	}{
		{"no specversion", nil},
		{"no specversion", with("ce-specversion", "")},
		{`"0.3" is not known`, with("ce-specversion", "0.3")},
		{`"2.0" is not known`, with("ce-specversion", "2.0")},
		{`"id"`, with("ce-id", "")},
		{`"source"`, with("ce-source", "")},
		{`"source"`, with("ce-source", "http://[")},
		{`"type"`, with("ce-type", "")},
		{`"time"`, with("ce-time", "yesterday")},
		{`"dataschema"`, with("ce-dataschema", "relative")},
		{`"datacontenttype"`, with("ce-datacontenttype", "//")},
		{`"a-b"`, with("ce-a-b", "x")},
		{`"x"`, with("ce-x", "\x00")},
		{"twice", with("CE-ID", "2")},
	} {
		_, err := broker.FromHeaders("ce-", maps.All(c.headers), "", []byte("x"))
		if !errors.Is(err, broker.ErrUndecodable) || !errors.Is(err, broker.ErrRejected) || !strings.Contains(err.Error(), c.why) {
			t.Errorf("want an error about %s, got %v", c.why, err)
		}
	}
}
