package log

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
)

// FuzzDecode: whatever others append to a topic is a message that can be sent on
// and is the same then, or is undecodable.
func FuzzDecode(f *testing.F) {
	const usual = `{"$causationId":"0190163d-8694-739b-aea5-966c26f8ad91","$correlationId":"talk","ce-id":"1","ce-source":"/shop",` +
		`"ce-specversion":"1.0","ce-type":"order.placed","ce-time":"2026-05-01T10:00:00Z","ce-datacontenttype":"application/json","ce-n":"1","key":"7"}`
	for _, metadata := range []string{
		usual, strings.Replace(usual, "application/json", broker.Structured, 1), strings.Replace(usual, `"talk"`, "7", 1),
		strings.Replace(usual, `"ce-n"`, `"CE-id"`, 1), strings.Replace(usual, "2026", "+12026", 1), strings.Replace(usual, "placed", "\xff", 1),
		"", "null", "[]", "{}", `{"key":"7"}`, `{"ce-specversion":"0.3"}`, strings.Repeat("[", 20_000),
	} {
		f.Add([]byte(metadata), []byte(`{"specversion":"1.0","id":"2","source":"/b","type":"t"}`))
	}
	f.Fuzz(func(t *testing.T, metadata, data []byte) {
		r := cairn.Recorded{Stream: "tested-7", Event: cairn.Event{Type: "t", Metadata: metadata, Data: data}}
		m, err := decode(&r)
		if l := letterOf(&r, err); l.Topic != "tested" || string(l.Body) != string(data) {
			t.Errorf("the letter is %+v", l)
		}
		if err != nil {
			if !errors.Is(err, broker.ErrUndecodable) {
				t.Error(err)
			}
			return
		}
		e, err := encode(&m)
		if err != nil {
			if !strings.HasPrefix(m.Event.Type(), "$") {
				t.Errorf("cannot be sent on: %v", err)
			}
			return
		}
		again, err := decode(&cairn.Recorded{Stream: streamOf(&m), Event: e})
		if err != nil || again.Topic != m.Topic || again.Key != m.Key || !reflect.DeepEqual(again.Event, m.Event) {
			t.Errorf("%v\n%+v\n%+v", err, again, m)
		}
	})
}
