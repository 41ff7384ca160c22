package inbox_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/inbox"
)

func with(kind string, data []byte, change func(*broker.Delivery)) inbox.Arrival {
	d := delivery("1", "")
	if err := d.Event.SetData(kind, data); err != nil {
		panic(err)
	}
	if change != nil {
		change(&d)
	}
	return inbox.ArrivalOf(d)
}

// What is said decides, and not how a broker writes it down.
func TestWhatIsTheSame(t *testing.T) {
	same := with("application/json", []byte(`{"total": 12, "to":"ann "}`), nil)
	if same.Sum == (inbox.Sum{}) {
		t.Fatal("there is no sum")
	}
	for what, a := range map[string]inbox.Arrival{
		"white space in JSON": with("application/json", []byte(" {\"total\":12,\n\"to\":\"ann \"}"), nil),
		"another attempt":     with("application/json", []byte(`{"total":12,"to":"ann "}`), func(d *broker.Delivery) { d.Attempt = 7 }),
		"another trace":       with("application/json", []byte(`{"total":12,"to":"ann "}`), func(d *broker.Delivery) { d.Event.SetExtension("traceparent", "00-1-2-00") }),
		"another topic":       with("application/json", []byte(`{"total":12,"to":"ann "}`), func(d *broker.Delivery) { d.Topic = "elsewhere" }),
	} {
		if a.Sum != same.Sum {
			t.Errorf("%s makes another content of it", what)
		}
	}
	for what, a := range map[string]inbox.Arrival{
		"white space in a string": with("application/json", []byte(`{"total":12,"to":"ann"}`), nil),
		"another number":          with("application/json", []byte(`{"total":13,"to":"ann "}`), nil),
		"text that is spaced":     with("text/plain", []byte(`{"total": 12, "to":"ann "} `), nil),
		"another type":            with("application/json", []byte(`{"total":12,"to":"ann "}`), func(d *broker.Delivery) { d.Event.SetType("order.paid") }),
		"another subject":         with("application/json", []byte(`{"total":12,"to":"ann "}`), func(d *broker.Delivery) { d.Event.SetSubject("order-2") }),
	} {
		if a.Sum == same.Sum {
			t.Errorf("%s makes no difference", what)
		}
	}
}

// FuzzArrival takes any data for JSON: spacing it out changes nothing, and nothing
// ends badly.
func FuzzArrival(f *testing.F) {
	f.Add([]byte(`{"a":[1,2,"x y"]}`))
	f.Add([]byte(`not JSON`))
	f.Add([]byte{0xff, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		a := with("application/json", data, nil)
		var spaced bytes.Buffer
		if json.Indent(&spaced, data, " ", "\t") != nil {
			return
		}
		if with("application/json", spaced.Bytes(), nil).Sum != a.Sum {
			t.Errorf("%q spaced out is something else", data)
		}
	})
}
