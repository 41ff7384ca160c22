package rest_test

import (
	"testing"

	"github.com/cairndb/cairn/server/rest"
)

func FuzzReceive(f *testing.F) {
	f.Add([]byte(`{"limit":10,"wait":"20s","group":{"query":[{"types":["order.placed"]}],"start":"end","attempts":3,"visibility":"1m"}}`))
	f.Add([]byte(`{"settlements":[{"id":"x","outcome":"retry","after":"1s","reason":"busy"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if within, err := rest.DecodeAsk(text); err == nil && !within {
			t.Errorf("%q asks for too much", text)
		}
		if within, err := rest.DecodeSettlements(text); err == nil && !within {
			t.Errorf("%q settles nonsense", text)
		}
	})
}
